package cas

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"efpconnect.example/internal/metrics"
	"efpconnect.example/internal/services"
	"efpconnect.example/selfservice-ui/entered"
)

// Bounds of telling services that a session has ended.
const (
	noticeTime   = 1700 * time.Millisecond // for all tries at one service: the person who logs out waits for the page that names it
	noticeTries  = 2
	noticeAtOnce = 50
)

// newNotifier is a client for services' log-out addresses: no proxy of the environment, no redirect, no cookie. It dials none of the
// neighbours (host:port) and no address that is of no service: a name of the registry must not lead there, whatever DNS says.
func newNotifier(neighbours []string) *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		refused, err := resolved(ctx, neighbours)
		if err != nil {
			return nil, err
		}
		dialer := &net.Dialer{Timeout: noticeTime, Control: func(_, at string, _ syscall.RawConn) error { return mayDial(at, refused) }}
		return dialer.DialContext(ctx, network, address)
	}
	return &http.Client{
		Timeout:       noticeTime,
		Transport:     &http.Transport{DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// resolved are the addresses that the neighbours have now. One that has none is no reason to tell nobody: it cannot be dialled.
func resolved(ctx context.Context, neighbours []string) (list []netip.AddrPort, err error) {
	for _, neighbour := range neighbours {
		host, port, err := net.SplitHostPort(neighbour)
		if err != nil {
			return nil, fmt.Errorf("cas: neighbour: %w", err)
		}
		number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
		if err != nil {
			return nil, fmt.Errorf("cas: neighbour: %w", err)
		}
		addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			continue
		}
		for _, address := range addresses {
			list = append(list, netip.AddrPortFrom(address.Unmap(), uint16(number)))
		}
	}
	return list, nil
}

// errRefusedAddress: an address that no service of others has.
var errRefusedAddress = errors.New("cas: the log-out address leads to a neighbour of the site, or to a network that is never called")

func mayDial(address string, refused []netip.AddrPort) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("cas: %w", err)
	}
	at = netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
	if ip := at.Addr(); ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errRefusedAddress
	}
	if slices.ContainsFunc(refused, func(neighbour netip.AddrPort) bool { return neighbourOf(at, neighbour) }) {
		return errRefusedAddress
	}
	return nil
}

// neighbourOf: every port of a neighbour's machine is refused, Kratos's admin port among them; on loopback, where a whole
// deployment may be, the port that is named.
func neighbourOf(at, neighbour netip.AddrPort) bool {
	return at.Addr() == neighbour.Addr() && (at.Port() == neighbour.Port() || !at.Addr().IsLoopback())
}

// logoutRequest is what a service reads (CAS 3.0.3, appendix C).
func logoutRequest(ticket string, now time.Time) string {
	return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_` + strings.ToLower(rand.Text()) +
		`" Version="2.0" IssueInstant="` + now.UTC().Format(samlTime) + `">` +
		`<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>` +
		`<samlp:SessionIndex>` + escaped(ticket) + `</samlp:SessionIndex></samlp:LogoutRequest>`
}

// tell posts the end of a session to the log-out address of each service that it has entered, all at once, and returns the names of
// those that could not be told. It never posts to the address that a browser brought.
func (h *Handler) tell(ctx context.Context, list []entered.Visit) (untold []string) {
	var all sync.WaitGroup
	var mu sync.Mutex
	places := make(chan struct{}, noticeAtOnce)
	for _, e := range list {
		service := h.Registry.ByID(e.Entry)
		if service == nil {
			continue // the entry has been removed: nobody is there to be told
		}
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if err := h.tellOne(ctx, service, e.Ticket); err != nil {
				h.Log.WarnContext(ctx, "cas: a service was not told that a session ended", "service", service.ID, "cause", err.Error())
				h.Metrics.Service(service.ID, metrics.LogoutUntold)
				mu.Lock()
				defer mu.Unlock()
				untold = append(untold, service.Name)
			}
		})
	}
	all.Wait()
	return untold
}

var errNoLogout = errors.New("it has no log-out address")

func (h *Handler) tellOne(ctx context.Context, service *services.Service, ticket string) (err error) {
	if service.Logout == "" {
		return errNoLogout
	}
	ctx, cancel := context.WithTimeout(ctx, h.Notifier.Timeout)
	defer cancel()
	form := url.Values{"logoutRequest": {logoutRequest(ticket, h.Now())}}.Encode()
	for range noticeTries {
		var request *http.Request
		request, err = http.NewRequestWithContext(ctx, http.MethodPost, service.Logout, strings.NewReader(form))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		var response *http.Response
		if response, err = h.Notifier.Do(request); err != nil {
			err = withoutAddress(err)
			continue
		}
		_ = response.Body.Close() // unread
		if response.StatusCode < 400 {
			return nil
		}
		err = fmt.Errorf("it answers %d", response.StatusCode)
	}
	return err
}

// withoutAddress leaves an address's query out of the log.
func withoutAddress(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
