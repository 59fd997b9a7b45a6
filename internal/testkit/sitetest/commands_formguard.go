package sitetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	altcha "github.com/altcha-org/altcha-lib-go"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/captcha/proof"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/formguard"
)

// Commands about formguard: the security code is read where only the site keeps it, in the store.

// solve types the security code that the page shows.
func (w *walk) solve(bool, []string) error {
	id := w.now.Value("defi")
	challenges := captcha.Challenges{Store: w.site.Store, Now: w.site.Clock.Now}
	c, found, err := challenges.Find(context.Background(), id)
	if err != nil || !found {
		return fmt.Errorf("the page's security code is not in the store: %v", err)
	}
	w.solvedID, w.solvedAnswer = id, c.Answer
	return w.now.Fill("code-de-securite", c.Answer)
}

// reuse types the last solved code into the form again, with its own challenge.
func (w *walk) reuse(bool, []string) error {
	if err := w.now.Fill("defi", w.solvedID); err != nil {
		return err
	}
	return w.now.Fill("code-de-securite", w.solvedAnswer)
}

// prove does what « Je ne suis pas un robot » does, for a form (connexion, reinitialisation, code); "again" types the last
// proof once more.
func (w *walk) prove(_ bool, args []string) error {
	if args[0] != "again" {
		var err error
		if w.proof, err = w.now.Prove(args[0]); err != nil {
			return err
		}
	}
	return w.now.Fill(proof.FieldName, w.proof)
}

// Prove asks the site for a question of a form and works on it until it has the number: what the form then carries.
func (b *Browser) Prove(form string) (string, error) {
	response, err := b.client.Get(b.Site.URL + formguard.PathProof + form)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var asked altcha.Challenge
	if err := json.NewDecoder(response.Body).Decode(&asked); err != nil {
		return "", fmt.Errorf("%d: %w", response.StatusCode, err)
	}
	found, err := altcha.SolveChallenge(asked.Challenge, asked.Salt, altcha.Algorithm(asked.Algorithm), int(asked.MaxNumber), 0, nil)
	if err != nil || found == nil {
		return "", fmt.Errorf("no solution: %v", err)
	}
	solved, err := json.Marshal(altcha.Payload{Algorithm: asked.Algorithm, Challenge: asked.Challenge, Number: int64(found.Number),
		Salt: asked.Salt, Signature: asked.Signature})
	return base64.StdEncoding.EncodeToString(solved), err
}

// carry takes what this browser's form holds to another one's: carry FIELD… BROWSER.
func (w *walk) carry(_ bool, args []string) error {
	fields, to := args[:len(args)-1], w.browsers[args[len(args)-1]]
	if to == nil {
		return fmt.Errorf("no browser %q", args[len(args)-1])
	}
	for _, field := range fields {
		value := w.now.form.Get(field)
		if value == "" {
			value = w.now.Value(field)
		}
		if err := to.Fill(field, value); err != nil {
			return err
		}
	}
	w.now = to
	return nil
}

// fetch asks for the picture (image) or the sound (son) of the last page's or solved code: its type, or a status.
func (w *walk) fetch(_ bool, args []string) error {
	id := w.now.Value("defi")
	if id == "" {
		id = w.solvedID
	}
	response, err := w.now.client.Get(w.site.URL + "/securite/" + id + "/" + args[0])
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if status, err := strconv.Atoi(args[1]); err == nil {
		if response.StatusCode != status {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != args[1] || response.Header.Get("Cache-Control") != "no-store" {
		return fmt.Errorf("%d %s %s", response.StatusCode, response.Header.Get("Content-Type"), response.Header.Get("Cache-Control"))
	}
	return nil
}

// wrongCodes is that many wrong codes elsewhere on the site.
func (w *walk) wrongCodes(_ bool, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	breaker := limit.Breaker{Store: w.site.Store, Now: w.site.Clock.Now, BreakerRule: limit.DefaultBreaker()}
	for range n {
		if _, err := breaker.Try(context.Background()); err != nil {
			return err
		}
		if _, err := breaker.Wrong(context.Background()); err != nil {
			return err
		}
	}
	return nil
}
