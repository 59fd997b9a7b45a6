package limit

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress returns the network address of who sent the request: the peer,
// or, when the peer is one of our own proxies, what X-Forwarded-For says about
// it. That header is read from the right: each of our proxies appends whom it
// heard, and whatever stands further left was written by the visitor. An entry
// that is no address ends the reading at the proxy that wrote it. The answer
// has no zone and no IPv4 in IPv6 clothes (neither may the trusted prefixes); it
// is invalid only when the peer has no network address (a Unix socket).
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	client, ok := parseHop(r.RemoteAddr)
	if !ok {
		return netip.Addr{}
	}
	lines := r.Header.Values("X-Forwarded-For")
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			if !contains(trusted, client) {
				return client
			}
			var entry string
			rest, entry, more = cutLast(rest)
			hop, ok := parseHop(entry)
			if !ok {
				return client
			}
			client = hop
		}
	}
	return client
}

// FromProxy tells whether one of our own proxies sent the request.
func FromProxy(r *http.Request, trusted []netip.Prefix) bool {
	peer, ok := parseHop(r.RemoteAddr)
	return ok && contains(trusted, peer)
}

// Network is what a client shares with its neighbours, for the log: an IPv4 /24, an IPv6 /48.
func Network(client netip.Addr) netip.Prefix {
	client = client.Unmap().WithZone("")
	bits := widths6[1].bits
	if client.Is4() {
		bits = widths4[1].bits
	}
	network, err := client.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address at all
	}
	return network
}

// cutLast splits a list at its last comma.
func cutLast(list string) (before, last string, more bool) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return list[:i], list[i+1:], true
	}
	return "", list, false
}

// parseHop reads an address with or without a port, as proxies write them.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		s = inner[:len(inner)-1]
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Key is one budget that a client draws on.
type Key struct {
	Key string
	// Clients is how many times the rule's budget this one holds: a wide
	// network is many people, but not as many as it has addresses.
	Clients int
}

// widths lists the networks of a client, narrowest first. One IPv6 household
// has a whole /64, a small site a /48, a provider a /32: a limit on single
// IPv6 addresses limits nobody. 24 bits of IPv4 are what one attacker rents.
var (
	widths4 = []width{{32, 1}, {24, 8}}
	widths6 = []width{{64, 1}, {48, 4}, {32, 64}}
)

type width struct{ bits, clients int }

// Keys returns the budgets of a client, narrowest first. All clients without a
// network address share one.
func Keys(client netip.Addr) []Key {
	client = client.Unmap().WithZone("")
	widths := widths6
	switch {
	case !client.IsValid():
		return []Key{{"unknown", 1}}
	case client.Is4():
		widths = widths4
	}
	keys := make([]Key, 0, len(widths))
	for _, w := range widths {
		p, err := client.Prefix(w.bits)
		if err != nil {
			panic(err) // the widths above fit their family
		}
		keys = append(keys, Key{p.String(), w.clients})
	}
	return keys
}
