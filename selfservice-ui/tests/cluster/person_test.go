package cluster

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"efpconnect.example/internal/testkit/sitetest"
)

// person walks the reset in a browser and, where a page fails, presses reload: the same form again.
type person struct {
	*sitetest.Browser
	address, password string
	mails             int
	reloads           int // pages on which one had to
	lost              int // those of them that had no answer but the proxy's: its process died
	resends           int // mails that did not come and were asked for again

	lostAccount bool // Kratos had made it, and the answer was lost

	careless  bool // types a wrong code and a password like the address first
	impatient bool // asks for a second mail though the first came
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
	if err := p.mistakeCode(); err != nil {
		return fmt.Errorf("step 2, a wrong code: %w", err)
	}
	if err := p.askAgain(); err != nil {
		return fmt.Errorf("step 2, another mail: %w", err)
	}
	if err := p.prove("/reinitialisation/code", byMail); err != nil {
		return err
	}
	if err := p.at("/reinitialisation/mot-de-passe"); err != nil {
		return err
	}
	if err := p.choose(); err != nil {
		return err
	}
	return p.at("/reinitialisation/terminee")
}

// prove types the code of the last mail at step 2.
func (p *person) prove(step2 string, byMail bool) error {
	if err := p.typeCode(byMail); err != nil {
		return fmt.Errorf("step 2: %w", err)
	}
	// The first was spent by a process that died, and another came by itself; or it was not that of the last mail.
	for p.URL.Path == step2 && (strings.Contains(p.Text(), "nouveau code") || strings.Contains(p.Text(), "dernier e-mail reçu")) {
		if err := p.typeCode(false); err != nil {
			return fmt.Errorf("step 2, again: %w", err)
		}
	}
	return nil
}

// choose types the password at step 3.
func (p *person) choose() error {
	if err := p.mistakePassword(); err != nil {
		return fmt.Errorf("step 3, a refused password: %w", err)
	}
	if err := p.press("Suivant", "mot-de-passe", p.password, "confirmation", p.password); err != nil {
		return fmt.Errorf("step 3: %w", err)
	}
	return nil
}

// mistakeCode types a code that is not the mail's, and is told so.
func (p *person) mistakeCode() error {
	if !p.careless {
		return nil
	}
	code, _, err := p.Site.Code(p.address, 1)
	if err != nil {
		return err
	}
	wrong := strings.Repeat(string('0'+(code[0]-'0'+1)%10), len(code))
	if err := p.press("Suivant", "code", wrong); err != nil {
		return err
	}
	return p.says("Le code de validation est incorrect")
}

// askAgain asks for a second mail, once the pause is over: until then the page says when.
func (p *person) askAgain() error {
	if !p.impatient {
		return nil
	}
	if err := p.waitForMail(); err != nil {
		return err
	}
	p.mails++
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.Text(), "Un nouveau code vient de vous être envoyé"); {
		if time.Now().After(deadline) {
			return fmt.Errorf("no other mail: %d %.400s", p.Status, p.Text())
		}
		if err := p.press("Renvoyer le code"); err != nil {
			return err
		}
	}
	return nil
}

// mistakePassword types what Kratos refuses: the address, and what the policy wants.
func (p *person) mistakePassword() error {
	if !p.careless {
		return nil
	}
	if err := p.press("Suivant", "mot-de-passe", "Aa1-"+p.address, "confirmation", "Aa1-"+p.address); err != nil {
		return err
	}
	return p.says("ressemble trop à votre identifiant")
}

func (p *person) says(words string) error {
	if !strings.Contains(p.Text(), words) {
		return fmt.Errorf("the page does not say %q: %d %.400s", words, p.Status, p.Text())
	}
	return nil
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
		if err == nil && p.Status == http.StatusBadGateway {
			p.lost++
		}
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
