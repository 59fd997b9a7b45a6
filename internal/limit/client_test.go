package limit_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/limit"
)

var ours = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}

func request(peer string, forwarded ...string) *http.Request {
	r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	return r
}

func TestClientAddress(t *testing.T) {
	for _, c := range []struct {
		why, peer string
		forwarded []string
		want      string
	}{
		{"no proxy", "192.0.2.1:4000", nil, "192.0.2.1"},
		{"a visitor may write the header: a stranger's is not read", "192.0.2.1:4000", []string{"198.51.100.7"}, "192.0.2.1"},
		{"our proxy says who", "10.0.0.1:4000", []string{"198.51.100.7"}, "198.51.100.7"},
		{"our proxy says nothing", "10.0.0.1:4000", nil, "10.0.0.1"},
		{"only the rightmost stranger counts, the rest is the visitor's own writing", "10.0.0.1:4000", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"two of our proxies", "10.0.0.1:4000", []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		{"our own address written by a visitor hides nobody", "10.0.0.1:4000", []string{"10.9.9.9, 198.51.100.7"}, "198.51.100.7"},
		{"several header lines are one list", "10.0.0.1:4000", []string{"203.0.113.9", "198.51.100.7", "10.0.0.2"}, "198.51.100.7"},
		{"a request from inside", "10.0.0.1:4000", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"with a port", "10.0.0.1:4000", []string{"198.51.100.7:5123"}, "198.51.100.7"},
		{"IPv6 with brackets and port", "[fd00::1]:4000", []string{"[2001:db8::7]:5123"}, "2001:db8::7"},
		{"IPv6 with brackets", "10.0.0.1:4000", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"IPv4 in IPv6 is IPv4: one budget, and our proxy is recognised", "[::ffff:10.0.0.1]:4000", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"a zone is no part of who somebody is", "[fe80::1%eth0]:4000", nil, "fe80::1"},
		{"a zone in the header", "10.0.0.1:4000", []string{"2001:db8::7%25"}, "2001:db8::7"},
		{"nonsense ends the reading at the proxy that wrote it", "10.0.0.1:4000", []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		{"nonsense further left is never reached", "10.0.0.1:4000", []string{"<script>, 198.51.100.7"}, "198.51.100.7"},
		{"an empty entry is nonsense", "10.0.0.1:4000", []string{"198.51.100.7, "}, "10.0.0.1"},
		{"an empty header", "10.0.0.1:4000", []string{""}, "10.0.0.1"},
		{"an octet with a leading zero has two readings, so none", "10.0.0.1:4000", []string{"198.51.100.010"}, "10.0.0.1"},
		{"half a bracket", "10.0.0.1:4000", []string{"[2001:db8::7"}, "10.0.0.1"},
		{"a Unix socket", "@", []string{"198.51.100.7"}, "invalid IP"},
	} {
		if got := limit.ClientAddress(request(c.peer, c.forwarded...), ours); got.String() != c.want {
			t.Errorf("%s: %v, want %s", c.why, got, c.want)
		}
	}
}

func TestKeys(t *testing.T) {
	for addr, want := range map[string][]limit.Key{
		"192.0.2.77":             {{"192.0.2.77/32", 1}, {"192.0.2.0/24", 8}},
		"::ffff:192.0.2.77":      {{"192.0.2.77/32", 1}, {"192.0.2.0/24", 8}},
		"2001:db8:1:2:3:4:5:6":   {{"2001:db8:1:2::/64", 1}, {"2001:db8:1::/48", 4}, {"2001:db8::/32", 64}},
		"2001:db8:1:2:3:4:5:6%x": {{"2001:db8:1:2::/64", 1}, {"2001:db8:1::/48", 4}, {"2001:db8::/32", 64}},
	} {
		if diff := cmp.Diff(want, limit.Keys(netip.MustParseAddr(addr))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", addr, diff)
		}
	}
	if diff := cmp.Diff([]limit.Key{{"unknown", 1}}, limit.Keys(netip.Addr{})); diff != "" {
		t.Errorf("no address (-want +got):\n%s", diff)
	}
}

// Whatever a visitor writes in front of what our proxy appends, the answer is
// what our proxy appended.
func FuzzClientAddress(f *testing.F) {
	f.Add("203.0.113.9", "10.0.0.1:4000")
	f.Add("10.0.0.1, 10.0.0.2", "10.0.0.1:4000")
	f.Add(",,[::1%a]:0,", "192.0.2.1:80")
	f.Add("\x00", "@")
	f.Fuzz(func(t *testing.T, written, peer string) {
		got := limit.ClientAddress(request("10.0.0.1:4000", written+",198.51.100.7"), ours)
		if got != netip.MustParseAddr("198.51.100.7") {
			t.Fatalf("a visitor became %v", got)
		}
		got = limit.ClientAddress(request(peer, written), ours)
		if got.IsValid() && (got.Zone() != "" || got.Is4In6()) {
			t.Fatalf("not in plain form: %v", got)
		}
		if n := len(limit.Keys(got)); n < 1 || n > 3 {
			t.Fatalf("%d keys", n)
		}
		if strings.Count(got.String(), ",") > 0 {
			t.Fatalf("a list: %v", got)
		}
	})
}
