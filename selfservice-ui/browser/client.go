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
		ctx = kratos.WithVisitor(ctx, kratos.Visitor{Address: address.String(), UserAgent: r.UserAgent()})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Client is the network address of who sent the request; invalid when there is none.
func Client(ctx context.Context) netip.Addr {
	address, _ := ctx.Value(clientKey{}).(netip.Addr)
	return address
}
