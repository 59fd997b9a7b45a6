package browser

import (
	"context"
	"net/http"
	"net/netip"

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/limit"
)

type clientKey struct{}

// client notes who sends the request, as the trusted proxies tell it: for the limits, and for Kratos's own audit.
func (g *Guard) client(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := limit.ClientAddress(r, g.TrustedProxies)
		ctx := context.WithValue(r.Context(), clientKey{}, address)
		visitor := kratos.Visitor{Address: address.String(), UserAgent: r.UserAgent()}
		if q, ok := ctx.Value(requestKey{}).(*request); ok {
			q.address, q.hash = address, g.Hash
			visitor.Request = q.id
		}
		ctx = kratos.WithVisitor(ctx, visitor)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Client is the network address of who sent the request; invalid when there is none.
func Client(ctx context.Context) netip.Addr {
	address, _ := ctx.Value(clientKey{}).(netip.Addr)
	return address
}
