package kratostest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Mail is one of Kratos's queue, sent or not. The admin API shows its body only with --dev.
type Mail struct {
	To        string    `json:"recipient"`
	Subject   string    `json:"subject"`
	Text      string    `json:"body"`
	Status    string    `json:"status"` // queued, sent, processing, abandoned
	CreatedAt time.Time `json:"created_at"`
}

// Mails returns what Kratos has written to an address, newest first. A mail is in the queue by the time the answer to the request
// for it is: there is nothing to wait for.
func (k *Kratos) Mails(t testing.TB, to string) []Mail {
	t.Helper()
	var all []Mail
	status, answer := k.Call(t, http.MethodGet, k.AdminURL+"/admin/courier/messages?page_size=1000", nil, &all)
	if status != http.StatusOK {
		t.Fatalf("courier messages: %d %s", status, answer)
	}
	var mails []Mail
	for _, m := range all {
		if strings.EqualFold(m.To, to) {
			mails = append(mails, m)
		}
	}
	return mails
}

// code is six digits that stand alone, or spaced as our own mail writes them.
var code = regexp.MustCompile(`(?:^|[^0-9])([0-9](?:[  ]?[0-9]){5})(?:[^0-9]|$)`)

// Code returns the six digits of the newest mail to an address.
func (k *Kratos) Code(t testing.TB, to string) string {
	t.Helper()
	mails := k.Mails(t, to)
	if len(mails) == 0 {
		t.Fatalf("no mail to %s", to)
	}
	found := code.FindStringSubmatch(mails[0].Text)
	if found == nil {
		t.Fatalf("no code in the newest mail to %s (its body is hidden unless Kratos runs with --dev)", to)
	}
	return strings.NewReplacer(" ", "", " ", "").Replace(found[1])
}
