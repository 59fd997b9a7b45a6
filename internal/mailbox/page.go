package mailbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/internal/frtime"
)

//go:embed list.html message.html _head.html style.css
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"at": at, "machine": machine, "join": strings.Join}).ParseFS(files, "*.html"))

// Policies of the two kinds of page. A mail is somebody else's HTML: it gets no script, no form, no image from outside (which
// would tell that it was read), and an origin of its own; only its links work, in a new tab.
const (
	ourPolicy  = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

func (m *Mailbox) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.list)
	mux.HandleFunc("GET /message/{id}", m.withMail(m.message))
	mux.HandleFunc("GET /message/{id}/html", m.withMail(m.html))
	mux.HandleFunc("GET /api/messages", m.api)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "style.css") })
	return guard(mux)
}

// guard answers only to an IP address or to localhost: a page on the Internet can make its own name lead here (DNS rebinding)
// and would then read the mails as its own, but it cannot make the browser send another Host.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ourPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !ownHost(r.Host) {
			http.Error(w, "Cette boîte ne répond qu’à localhost ou à une adresse IP.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func ownHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport // no port: 80
	}
	_, err = netip.ParseAddr(host)
	return host == "localhost" || err == nil
}

func (m *Mailbox) list(w http.ResponseWriter, _ *http.Request) {
	write(w, "list.html", m.Messages())
}

func (m *Mailbox) message(w http.ResponseWriter, mail Message) {
	write(w, "message.html", mail)
}

var head = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

// html writes a mail's HTML alone, for the frame of its page. Its links open a new tab: the site refuses to be framed.
func (m *Mailbox) html(w http.ResponseWriter, mail Message) {
	page := mail.HTML
	if at := head.FindStringIndex(page); at != nil {
		page = page[:at[1]] + `<base target="_blank">` + page[at[1]:]
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(page))
}

func (m *Mailbox) api(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // for a person who reads it with curl; nosniff keeps it JSON
	_ = encoder.Encode(m.Messages())
}

// withMail finds the mail that a path names.
func (m *Mailbox) withMail(show func(http.ResponseWriter, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		mail, found := m.kept.get(id)
		if err != nil || !found {
			http.Error(w, "Ce message n’est pas, ou n’est plus, dans la boîte.", http.StatusNotFound)
			return
		}
		show(w, mail)
	}
}

func write(w http.ResponseWriter, name string, view any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = page.WriteTo(w)
}

// at is the time of a mail for a person, machine the same for a program.
func at(t time.Time) string      { return frtime.Time(t).Format("02/01/2006 à 15:04:05") }
func machine(t time.Time) string { return t.Format(time.RFC3339) }
