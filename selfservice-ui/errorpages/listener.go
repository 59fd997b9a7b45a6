package errorpages

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
)

// Listener shows people a page where net/http would answer a line of English by itself: a header that is too long or unreadable
// never comes to a handler.
func (p Pages) Listener(inner net.Listener) net.Listener { return listener{inner, p} }

type listener struct {
	net.Listener
	pages Pages
}

func (l listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: inner, pages: l.pages}, nil
}

type conn struct {
	net.Conn
	pages Pages
}

// Write replaces an answer that is net/http's own. Such an answer comes in one piece.
func (c *conn) Write(answer []byte) (int, error) {
	page := c.pageFor(answer)
	if page == nil {
		return c.Conn.Write(answer)
	}
	if _, err := c.Conn.Write(page); err != nil {
		return 0, err
	}
	return len(answer), nil
}

// ownHeader ends the header of every answer that net/http makes by itself (errorHeaders in its server.go). No handler's answer has
// it: Date stands in each.
var ownHeader = []byte("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

// pageFor is nil for the answer of a handler.
func (c *conn) pageFor(answer []byte) []byte {
	line, rest, _ := bytes.Cut(answer, []byte("\r\n"))
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || !bytes.HasPrefix(rest, ownHeader) {
		return nil
	}
	status, err := strconv.Atoi(string(line[9:min(12, len(line))]))
	if err != nil {
		return nil
	}
	page := c.pages[status]
	if page == nil {
		page = c.pages[http.StatusBadRequest]
	}
	return bytes.Replace(page, []byte("\r\n"), []byte("\r\nConnection: close\r\n"), 1)
}

// CloseWrite is what net/http looks for after such an answer, so that a client which is still sending reads it before the end.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
