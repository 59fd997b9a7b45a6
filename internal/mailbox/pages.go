package mailbox

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed pages.html
var source string

var templates = template.Must(template.New("pages").Parse(source))

// pages is what a browser sees: the list, one mail, its HTML in a frame of its own, and the same as JSON.
func (m *Mailbox) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { show(w, "list", m.Messages()) })
	mux.HandleFunc("GET /message/{id}", m.one(func(w http.ResponseWriter, message Message) { show(w, "message", message) }))
	mux.HandleFunc("GET /message/{id}/html", m.one(func(w http.ResponseWriter, message Message) {
		// The mail's own HTML: it may draw itself and be clicked, not run anything.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-top-navigation-by-user-activation")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(message.HTML))
	}))
	mux.HandleFunc("GET /api/messages", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(m.Messages())
	})
	return m.guarded(mux)
}

// guarded answers under its own address alone: a page elsewhere whose name resolves here must not read the codes.
func (m *Mailbox) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != m.webAddr {
			http.Error(w, "this mailbox is at "+m.webAddr, http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (m *Mailbox) one(write func(http.ResponseWriter, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err == nil {
			for _, message := range m.Messages() {
				if message.ID == id {
					write(w, message)
					return
				}
			}
		}
		http.Error(w, "Ce message n’est plus là.", http.StatusNotFound)
	}
}

func show(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := templates.ExecuteTemplate(w, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
