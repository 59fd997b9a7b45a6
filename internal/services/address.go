package services

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxAddress bounds the address of a service as a browser brings it, in bytes.
const maxAddress = 2000

// address is an absolute address that every reader takes for the same one.
type address struct {
	scheme, host, port string // port is "" for the scheme's own
	path               string // begins with a slash
	query              string // without its question mark
}

// Faults of an address. A client reads them nowhere: they are for the log and for whoever writes services.yml.
var (
	errTooLong   = fmt.Errorf("longer than %d bytes", maxAddress)
	errScheme    = errors.New("must begin with https:// (http:// for a loopback address alone)")
	errUser      = errors.New("no user or password before the host")
	errFragment  = errors.New("no # in it")
	errHost      = errors.New("the host must be written as a browser writes it: small letters, ASCII, no final dot")
	errPort      = errors.New("the port must be a plain number between 1 and 65535, and not the scheme's own")
	errNoPath    = errors.New("the host must be followed by /")
	errSegment   = errors.New(`no ".." or "." as a segment, no //, no %2e, %2f, %5c, %00 in the path`)
	errCharacter = errors.New("a character that a browser would rewrite")
	errEscape    = errors.New("a % that two hexadecimal digits do not follow")
)

// What a WHATWG URL parser leaves as it is, in the path and in the query (URL Standard, percent-encode sets). A backslash, a tab or
// a line break, which it rewrites or drops, is in neither.
var (
	pathText  = regexp.MustCompile(`^[!$%&'()*+,\-./0-9:;=@A-Z\[\]_a-z|~]*$`)
	queryText = regexp.MustCompile("^[!$%&()*+,\\-./0-9:;=?@A-Z\\[\\\\\\]^_`a-z{|}~]*$")
	escape    = regexp.MustCompile(`%(?:[0-9A-Fa-f]{2})?`)
	hidden    = regexp.MustCompile(`(?i)%(?:2e|2f|5c|0[0-9a-f]|1[0-9a-f]|7f)`)
	digits    = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
)

// parseAddress refuses what a browser, a proxy and this program might read as two different addresses.
func parseAddress(raw string) (address, error) {
	if len(raw) > maxAddress {
		return address{}, errTooLong
	}
	scheme, rest, _ := strings.Cut(raw, "://")
	if scheme != "https" && scheme != "http" {
		return address{}, errScheme
	}
	slash := strings.IndexAny(rest, `/?#\`)
	if slash < 0 || rest[slash] != '/' {
		return address{}, errNoPath
	}
	a := address{scheme: scheme}
	authority, target := rest[:slash], rest[slash:]
	if err := a.readAuthority(authority); err != nil {
		return address{}, err
	}
	if scheme == "http" && !loopback(a.host) {
		return address{}, errScheme
	}
	return a, a.readTarget(target)
}

func (a *address) readAuthority(authority string) error {
	if strings.Contains(authority, "@") {
		return errUser
	}
	a.host = authority
	if at := strings.LastIndexByte(authority, ':'); at >= 0 && !strings.HasSuffix(authority, "]") {
		a.host, a.port = authority[:at], authority[at+1:]
		number, err := strconv.Atoi(a.port)
		own := a.scheme == "https" && number == 443 || a.scheme == "http" && number == 80
		if err != nil || !digits.MatchString(a.port) || number > 65535 || own {
			return errPort
		}
	}
	if !soundHost(a.host) {
		return errHost
	}
	return nil
}

// soundHost takes a name that is its own ASCII form, and an IP address in the one way that browsers write it.
func soundHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && strings.HasSuffix(inner, "]") && ip.Is6() && !ip.Is4In6() && ip.Zone() == "" && "["+ip.String()+"]" == host
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Is4() && ip.String() == host
	}
	labels := strings.Split(host, ".")
	if last := labels[len(labels)-1]; last == "" || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return false // a browser reads a number at the end as an IP address
	}
	ascii, err := idna.Lookup.ToASCII(host)
	return err == nil && ascii == host && strings.ToLower(host) == host && len(host) <= 253
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

func (a *address) readTarget(target string) error {
	if strings.Contains(target, "#") {
		return errFragment
	}
	path, query, _ := strings.Cut(target, "?")
	switch {
	case hidden.MatchString(path) || strings.Contains(path, "//"):
		return errSegment
	case !pathText.MatchString(path) || !queryText.MatchString(query):
		return errCharacter
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return errSegment
		}
	}
	for _, found := range escape.FindAllString(path+"?"+query, -1) {
		if len(found) != 3 {
			return errEscape
		}
	}
	a.path, a.query = path, query
	return nil
}

// covers tells whether other is at this address or below it: scheme, host and port the same, the path on a segment's boundary.
func (a address) covers(other address) bool {
	if a.scheme != other.scheme || a.host != other.host || a.port != other.port {
		return false
	}
	if strings.HasSuffix(a.path, "/") {
		return strings.HasPrefix(other.path, a.path)
	}
	return other.path == a.path || strings.HasPrefix(other.path, a.path+"/")
}

// origin is scheme, host and port as a Content-Security-Policy names them.
func (a address) origin() string {
	if a.port != "" {
		return a.scheme + "://" + a.host + ":" + a.port
	}
	return a.scheme + "://" + a.host
}
