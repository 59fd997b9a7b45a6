package clustertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"efpconnect.example/selfservice-ui/sitetest"
)

// person walks the reset in a browser and, where a page fails, presses reload: the same form again.
type person struct {
	*sitetest.Browser
	address, password string
	mails             int
	reloads           int // pages on which one had to
	resends           int // mails that did not come and were asked for again
}

// person is somebody who goes to url, who reads a mail no sooner than Kratos has noted that it was sent.
func (n *neighbours) person(url, address string) *person {
	site := &sitetest.Site{URL: url, Mailbox: n.box, Faults: n.front}
	return &person{Browser: site.NewBrowser(), address: address, password: newPassword}
}

// reset walks all three steps, by the mail's button in another browser when byMail is true.
func (p *person) reset(byMail bool) error {
	if err := p.open("/reinitialisation"); err != nil {
		return err
	}
	if err := p.press("Suivant", "identifiant", p.address); err != nil {
		return fmt.Errorf("step 1: %w", err)
	}
	if err := p.at("/reinitialisation/code"); err != nil {
		return err
	}
	if err := p.typeCode(byMail); err != nil {
		return fmt.Errorf("step 2: %w", err)
	}
	for p.URL.Path == "/reinitialisation/code" && strings.Contains(p.Text(), "nouveau code") {
		if err := p.typeCode(false); err != nil { // the first was spent by a process that died: another came by itself
			return fmt.Errorf("step 2, again: %w", err)
		}
	}
	if err := p.at("/reinitialisation/mot-de-passe"); err != nil {
		return err
	}
	if err := p.press("Suivant", "mot-de-passe", p.password, "confirmation", p.password); err != nil {
		return fmt.Errorf("step 3: %w", err)
	}
	return p.at("/reinitialisation/terminee")
}

// typeCode reads the next mail and types its code, in another browser by the mail's button when byMail is true.
func (p *person) typeCode(byMail bool) error {
	if err := p.waitForMail(); err != nil {
		return err
	}
	p.mails++
	code, link, err := p.Site.Code(p.address, p.mails)
	if err != nil {
		return err
	}
	if byMail {
		p.Browser = p.Site.NewBrowser()
		if err := p.open(strings.TrimPrefix(link, p.Site.URL)); err != nil {
			return err
		}
	}
	return p.press("Suivant", "code", code)
}

// waitForMail presses « Renvoyer le code » when none comes: the process that was to hand the address to Kratos has died.
func (p *person) waitForMail() error {
	deadline := time.After(10 * time.Second)
	for len(p.Site.Mailbox.To(p.address)) <= p.mails {
		select {
		case <-time.After(50 * time.Millisecond):
			continue
		case <-deadline:
		}
		p.resends++
		return p.press("Renvoyer le code")
	}
	return nil
}

func (p *person) open(path string) error {
	return p.until(func() (*http.Request, error) { return http.NewRequest(http.MethodGet, p.Site.URL+path, nil) })
}

// press fills fields and presses a button.
func (p *person) press(button string, fields ...string) error {
	for i := 0; i+1 < len(fields); i += 2 {
		if err := p.Fill(fields[i], fields[i+1]); err != nil {
			return fmt.Errorf("%w: %d %s %.300s", err, p.Status, p.URL, p.Text())
		}
	}
	first, err := p.Request(button)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(first.Body)
	if err != nil {
		return err
	}
	return p.until(func() (*http.Request, error) {
		r := first.Clone(first.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		return r, nil
	})
}

// until sends a request until a page comes that is none of a failure.
func (p *person) until(request func() (*http.Request, error)) error {
	for attempt := 1; ; attempt++ {
		r, err := request()
		if err != nil {
			return err
		}
		err = p.Do(r)
		if err == nil && p.Status < http.StatusInternalServerError {
			return nil
		}
		p.reloads++
		if attempt == 5 {
			return fmt.Errorf("%s: status %d, %v", r.URL, p.Status, err)
		}
		<-time.After(500 * time.Millisecond) // as long as it takes to press reload
	}
}

func (p *person) at(path string) error {
	if p.URL.Path != path {
		return fmt.Errorf("at %s instead of %s: %d %.400s", p.URL.Path, path, p.Status, p.Text())
	}
	return nil
}
