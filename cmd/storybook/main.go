// Command storybook serves every page of the site and every mail in every state, without Kratos, on http://127.0.0.1:4460. With --out
// it writes them into a folder instead, in both languages, light and dark, as files that need no server.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"efpconnect.example/internal/settings"
	ui "efpconnect.example/selfservice-ui"
	"efpconnect.example/selfservice-ui/page"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4460", "address to listen on")
	out := flag.String("out", "", "folder to write everything into, instead of serving it")
	flag.Parse()
	if err := run(*listen, *out); err != nil {
		fmt.Fprintln(os.Stderr, "storybook:", err)
		os.Exit(1)
	}
}

func run(listen, out string) error {
	book, mails, err := storybook()
	if err != nil {
		return err
	}
	if out != "" {
		return export(book, mails, out)
	}
	fmt.Println("Every page and mail: http://" + listen + "   (Ctrl-C ends it)")
	server := &http.Server{Addr: listen, Handler: book, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// storybook puts the list before the pages and the mails.
func storybook() (http.Handler, []letter, error) {
	set := settings.Defaults()
	set.EnvironmentLabel = "STORYBOOK" // and all that may be absent, so that every page is as full as it can be
	set.ContactsURL, set.CreateAccountURL = set.AssistanceURL+"contacts", set.AssistanceURL+"creer"
	set.Languages = page.Languages
	set.FeedbackURL = "https://jedonnemonavis.example.test/"
	pages, err := ui.Storybook(ui.SiteOf(set))
	if err != nil {
		return nil, nil, err
	}
	all, err := mails(set)
	if err != nil {
		return nil, nil, err
	}
	m := http.NewServeMux()
	m.Handle("/", pages)
	for _, one := range all {
		m.HandleFunc("GET /mail/"+one.Name, show("text/html; charset=utf-8", one.HTML))
		m.HandleFunc("GET /mail/"+one.Name+".txt", show("text/plain; charset=utf-8", "Subject: "+one.Subject+"\n\n"+one.Text))
	}
	return m, all, list(m, all)
}

func show(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}
