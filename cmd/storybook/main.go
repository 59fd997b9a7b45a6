// Command storybook serves every page of the site in every state, without Kratos, on http://127.0.0.1:4460.
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
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen string) error {
	set := settings.Defaults()
	set.EnvironmentLabel = "STORYBOOK"
	pages, err := ui.Storybook(ui.SiteOf(set))
	if err != nil {
		return err
	}
	fmt.Println("http://" + listen)
	server := &http.Server{Addr: listen, Handler: pages, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
