// Package errorpages makes the pages that are sent where no handler of the site is reached: by the proxy in front of it, and by
// net/http for a header that it does not read. Each is one file that needs nothing else: no style sheet, script or font of ours
// can be fetched by then.
//
// `selfservice-ui error-pages` writes them for the proxy, and the server takes its own from here.
package errorpages

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"efpconnect.example/selfservice-ui/page"
)

// A kind is a status with what people read of it: word keys.
type kind struct {
	status        int
	heading, text string
}

// kinds is every status that HAProxy answers by itself, but for those that ask for a login, and net/http's own 431.
var kinds = []kind{
	{http.StatusBadRequest, "error.heading", "alone.unreadable"},
	{http.StatusForbidden, "error.heading", "alone.refused"},
	{http.StatusNotFound, "error.not_found_heading", "error.not_found"},
	{http.StatusMethodNotAllowed, "error.heading", "error.method"},
	{http.StatusRequestTimeout, "error.heading", "alone.slow"},
	{http.StatusGone, "error.not_found_heading", "error.not_found"},
	{http.StatusRequestEntityTooLarge, "error.heading", "error.too_large"},
	{http.StatusTooEarly, "error.unavailable_heading", "error.unavailable"},
	{http.StatusTooManyRequests, "alone.busy_heading", "alone.busy"},
	{http.StatusRequestHeaderFieldsTooLarge, "error.heading", "alone.cookies"},
	{http.StatusInternalServerError, "error.heading", "error.unexpected"},
	{http.StatusNotImplemented, "error.heading", "error.method"},
	{http.StatusBadGateway, "error.unavailable_heading", "error.unavailable"},
	{http.StatusServiceUnavailable, "error.unavailable_heading", "error.unavailable"},
	{http.StatusGatewayTimeout, "error.unavailable_heading", "error.unavailable"},
}

// Pages are whole HTTP responses, by status.
type Pages map[int][]byte

//go:embed alone.html
var document string

//go:embed alone.css
var style string

// New makes them for a site; secure tells that it is on https.
func New(site page.Site, secure bool) (Pages, error) {
	all := Pages{}
	french, err := page.LoadWords("fr")
	if err != nil {
		return nil, err
	}
	english, err := page.LoadWords("en")
	if err != nil {
		return nil, err
	}
	whole, err := template.New("alone").Parse(document)
	if err != nil {
		return nil, fmt.Errorf("errorpages: %w", err)
	}
	for _, k := range kinds {
		view := view{
			Site:       site,
			Style:      template.CSS(style), //nolint:gosec // a file of this package
			Heading:    french.Text(k.heading),
			Text:       french.Text(k.text),
			Retry:      french.Text("way.retry"),
			Help:       french.Text("way.assistance"),
			OtherText:  english.Text(k.text),
			OtherRetry: english.Text("way.retry"),
		}
		var body bytes.Buffer
		if err := whole.Execute(&body, view); err != nil {
			return nil, fmt.Errorf("errorpages: %d: %w", k.status, err)
		}
		all[k.status] = response(k.status, secure, body.Bytes())
	}
	return all, nil
}

type view struct {
	Site                                              page.Site
	Style                                             template.CSS
	Heading, Text, Retry, Help, OtherText, OtherRetry string
}

// response is the page as it goes over the wire, under a policy that allows its own style and nothing else.
func response(status int, secure bool, body []byte) []byte {
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	lines := []string{
		fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)),
		"Content-Type: text/html; charset=utf-8",
		fmt.Sprintf("Content-Length: %d", len(body)),
		"Content-Language: fr",
		"Cache-Control: no-store",
		"Content-Security-Policy: " + policy,
		"X-Content-Type-Options: nosniff",
		"Referrer-Policy: same-origin",
	}
	if secure {
		lines = append(lines, "Strict-Transport-Security: max-age=63072000; includeSubDomains")
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		lines = append(lines, "Retry-After: 60")
	}
	return append([]byte(strings.Join(lines, "\r\n")+"\r\n\r\n"), body...)
}

// Write makes a file for each status in a folder, 503.http for instance, readable by whoever the proxy runs as.
func (p Pages) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("errorpages: %w", err)
	}
	for status, content := range p {
		name := filepath.Join(dir, fmt.Sprintf("%d.http", status))
		// Whole or not at all: a proxy that starts meanwhile refuses half a file.
		if err := os.WriteFile(name+".new", content, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return fmt.Errorf("errorpages: %w", err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			return fmt.Errorf("errorpages: %w", err)
		}
	}
	return nil
}
