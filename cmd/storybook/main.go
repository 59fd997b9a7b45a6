// Command storybook serves every page of the site and every mail in every state, without Kratos, on http://127.0.0.1:4460.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4460", "address to listen on")
	flag.Parse()
	if err := run(*listen); err != nil {
		fmt.Fprintln(os.Stderr, "storybook:", err)
		os.Exit(1)
	}
}

func run(listen string) error {
	book, err := storybook()
	if err != nil {
		return err
	}
	fmt.Println("Every page and mail: http://" + listen + "   (Ctrl-C ends it)")
	server := &http.Server{Addr: listen, Handler: book, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// storybook puts the list before the pages and the mails.
func storybook() (http.Handler, error) {
	set := settings.Defaults()
	set.EnvironmentLabel = "STORYBOOK" // and all that may be absent, so that every page is as full as it can be
	set.ContactsURL, set.CreateAccountURL = set.AssistanceURL+"contacts", set.AssistanceURL+"creer"
	set.Languages = []string{"fr", "en"}
	set.FeedbackURL = "https://jedonnemonavis.example.test/"
	pages, err := ui.Storybook(ui.SiteOf(set))
	if err != nil {
		return nil, err
	}
	mails, err := mails(set)
	if err != nil {
		return nil, err
	}
	m := http.NewServeMux()
	m.Handle("/", pages)
	for _, one := range mails {
		m.HandleFunc("GET /mail/"+one.Name, show("text/html; charset=utf-8", one.HTML))
		m.HandleFunc("GET /mail/"+one.Name+".txt", show("text/plain; charset=utf-8", "Subject: "+one.Subject+"\n\n"+one.Text))
	}
	return m, list(m, mails)
}

func show(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}
