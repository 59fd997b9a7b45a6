package kratos_test

import (
	"fmt"
	"testing"

	"efpconnect.example/internal/kratos"
)

// TestReasons covers what a Kratos on one machine cannot be brought to say; the
// rest is proved on the real one. Contexts are as in Kratos's sources.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		why     string
		id      int64
		context string
		want    kratos.Reason
	}{
		{"needs the service of leaked passwords", 4000034, `{}`, kratos.Reason{Kind: kratos.Breached}},
		{"an embedded rule", 4000005, `{"reason":"x"}`, kratos.Reason{Kind: kratos.PolicyGeneric}},
		{"v26.2.0 alone", 4000039, `null`, kratos.Reason{Kind: kratos.SameAsOld}},
		{"lengths that are no numbers are left out, the refusal stays", 4000032, `{"min_length":"12"}`, kratos.Reason{Kind: kratos.TooShort}},
		{"an id nobody knows", 4000999, `[]`, kratos.Reason{Kind: kratos.Other}},
	} {
		body := fmt.Sprintf(`{"ui":{"nodes":[{"attributes":{"name":"password"},"messages":[{"id":4000031,"type":"error"},{"id":%d,"type":"error","context":%s}]}]}}`, c.id, c.context)
		got, err := saying(t, canned{status: 400, body: body}).SetPassword(t.Context(), "ory_st_x", secretFlow, "x")
		if err != nil || got.Outcome != kratos.PasswordRefused || got.Reason != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.why, got, err, c.want)
		}
	}
}
