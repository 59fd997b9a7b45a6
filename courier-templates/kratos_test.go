package mail_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	mail "efpconnect.example/courier-templates"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

func constants() mail.Constants {
	return mail.Constants{
		PublicURL: "https://efpconnect.example.test", EnvironmentLabel: "RCT", Ministry: "Ministère|du Travail",
		ServiceName: "EFP Connect", AssistanceURL: "https://assistance.example.test/", CodeLifetime: lifetime.Code,
	}
}

// The real engine sends, byte for byte, what Render makes: both parts, so no error was swallowed. Every other test of this
// package rests on that.
func TestKratosSendsWhatRenderMakes(t *testing.T) {
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	files, err := mail.Files(constants())
	if err != nil {
		t.Fatal(err)
	}
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.SMTPAddr, o.Templates = box.SMTPAddr(), files })
	for _, c := range []struct {
		why     string
		person  kratostest.Identity
		payload map[string]any
	}{
		{"as the site asks", kratostest.Identity{Email: "camille@example.test", Title: "Madame", GivenName: "Camille", FamilyName: "Serve"},
			map[string]any{"suite": "MTc2-NDAw_MA", "asked_at": "24 novembre 2026 à 10 h 32"}},
		{"an account without names, nothing from the site", kratostest.Identity{Email: "sans.nom@example.test"}, nil},
		{"names that the schema lets through", kratostest.Identity{Email: "hostile@example.test", GivenName: "{{ .To }}", FamilyName: "<script>"},
			map[string]any{"suite": "a/b", "asked_at": 3}},
	} {
		t.Run(c.why, func(t *testing.T) {
			k.Create(t, c.person)
			ask(t, k, c.person.Email, c.payload)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			got, err := box.Wait(ctx, c.person.Email, 1)
			if err != nil {
				t.Fatal(err)
			}
			code := k.Code(t, c.person.Email)
			want, err := mail.Render(constants(), mail.RecoveryCode, mail.Data{RecoveryCode: code, TransientPayload: c.payload, Identity: map[string]any{
				"traits": map[string]any{"title": c.person.Title, "given_name": c.person.GivenName, "family_name": c.person.FamilyName}}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, mail.Message{Subject: got.Subject, HTML: got.HTML, Text: got.Text}); diff != "" {
				t.Errorf("-rendered +sent:\n%s", diff)
			}
			if kind := got.Headers["Content-Type"]; len(kind) != 1 || !strings.HasPrefix(kind[0], "multipart/alternative") {
				t.Errorf("content type %q", kind)
			}
			for header, value := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"} {
				if sent := got.Headers[header]; len(sent) != 1 || sent[0] != value {
					t.Errorf("%s: %q", header, sent)
				}
			}
		})
	}
}

func ask(t *testing.T, k *kratostest.Kratos, email string, payload map[string]any) {
	t.Helper()
	var flow struct{ ID, State string }
	k.Call(t, "GET", k.PublicURL+"/self-service/recovery/api", nil, &flow)
	body := map[string]any{"method": "code", "email": email}
	if payload != nil {
		body["transient_payload"] = payload
	}
	if status, answer := k.Call(t, "POST", k.PublicURL+"/self-service/recovery?flow="+flow.ID, body, &flow); status != 200 {
		t.Fatalf("asking for a code: %d %s", status, answer)
	}
}
