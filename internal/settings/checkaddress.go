package settings

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"efpconnect.example/internal/email"
)

// Checks of what names another place: an address, a network, a folder.

func address(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no http(s) address", withoutUser(text))
	}
	return nil
}

// neighbour is an address of which we use the path alone.
func neighbour(text string) error {
	if u, err := url.Parse(text); err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		return errors.New("no user, no question mark and no # may be in it") // not quoted: there may be a password
	}
	return address(text)
}

// server is an address that may hold a password, so nothing of it is quoted.
func server(text string, schemes ...string) error {
	if strings.Contains(text, "#") {
		return errors.New("a # ends it there: in a user's name or a password write %23")
	}
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme)) {
		return fmt.Errorf("is no address that begins with %s://", strings.Join(schemes, ":// or "))
	}
	if err == nil && u.Port() != "" {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
			return errors.New("its port is not between 1 and 65535")
		}
	}
	return nil
}

// contact is what a reader of security.txt may follow (RFC 9116, 2.5.3).
func contact(text string) error {
	if text == "" {
		return nil
	}
	if to, ok := strings.CutPrefix(text, "mailto:"); ok && email.CheckSetting(to) == nil {
		return nil
	}
	if strings.HasPrefix(text, "https://") && address(text) == nil {
		return nil
	}
	return fmt.Errorf("%q is neither mailto:name@example.org nor an https:// address", withoutUser(text))
}

func listener(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is no address with a port (127.0.0.1:4455)", text)
	}
	return nil
}

func folder(text string) error {
	if text == "" {
		return nil
	}
	if info, err := os.Stat(text); err != nil || !info.IsDir() {
		return fmt.Errorf("%q is no folder", text)
	}
	return nil
}

func optional(text string) error {
	if text == "" {
		return nil
	}
	return address(text)
}

// origin is written as browsers write theirs (RFC 6454, 6.2), which is what it is compared with: small letters, punycode for those
// that ASCII has not, no port that goes without saying, nothing after the host.
func origin(text string) error {
	u, err := url.Parse(text)
	if err != nil || address(text) != nil {
		return fmt.Errorf("%q is no origin (https://service.example, nothing after the host)", withoutUser(text))
	}
	name, err := browsersHost.ToASCII(u.Hostname())
	if err != nil {
		return fmt.Errorf("%q: no browser sends such a host", withoutUser(text))
	}
	host := strings.Replace(u.Host, u.Hostname(), name, 1)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	if written := u.Scheme + "://" + host; written != text {
		return fmt.Errorf("%q must be written as browsers send it: %s", withoutUser(text), written)
	}
	return nil
}

// browsersHost is the URL standard's domain to ASCII: an underscore or an IPv6 address passes as it is.
var browsersHost = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

func link(text string) error {
	label, target, found := strings.Cut(text, "=")
	if !found || label == "" || !strings.HasPrefix(target, "/") && address(target) != nil {
		return fmt.Errorf("%q is no label=address", text)
	}
	return nil
}

func network(text string) error {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return fmt.Errorf("%q is no network (10.0.0.0/8)", text)
	}
	// Visitors are compared without the IPv6 clothes that a listener may give them (limit.ClientAddress).
	if prefix.Addr().Is4In6() {
		return fmt.Errorf("%q must be written as an IPv4 network: %s", text, netip.PrefixFrom(prefix.Addr().Unmap(), max(0, prefix.Bits()-96)))
	}
	return nil
}

// readable is a file that can be opened; what is in it is its reader's affair.
func readable(name string) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return errors.New("cannot be opened: " + reason(err))
	}
	return file.Close()
}

func reason(err error) string {
	if fault := (*os.PathError)(nil); errors.As(err, &fault) {
		return fault.Err.Error()
	}
	return err.Error()
}

var sitePath = regexp.MustCompile(`^(?:/[a-zA-Z0-9._-]+)+$`)

// path is one of this site's own, without a slash at its end.
func path(text string) error {
	if !sitePath.MatchString(text) || strings.Contains(text, "/.") {
		return fmt.Errorf("%q is no path such as /cas or /auth/realms/efp/protocol/cas", text)
	}
	return nil
}
