package importer

import (
	"encoding/json"
	"slices"
	"testing"

	"efpconnect.example/internal/kratos"
)

// A Kratos with a schema of its own may call the address anything; a reminder without one would be sent to nobody, in silence.
func TestReminderRow(t *testing.T) {
	for _, c := range []struct {
		why     string
		account kratos.Identity
		want    []string
	}{
		{"our schema", kratos.Identity{Addresses: []kratos.Address{{Value: "a@example.test"}}, Traits: json.RawMessage(`{"email":"a@example.test","title":"Madame","given_name":"Zoé","family_name":"=1+1"}`)},
			[]string{"a@example.test", "Madame", "Zoé", "'=1+1"}},
		{"another schema", kratos.Identity{Addresses: []kratos.Address{{Value: "a@example.test"}}, Traits: json.RawMessage(`{"mail":"a@example.test","name":{"first":"Zoé"}}`)},
			[]string{"a@example.test", "", "", ""}},
		{"nothing to verify", kratos.Identity{Traits: json.RawMessage(`{"email":"a@example.test"}`)}, []string{"a@example.test", "", "", ""}},
		{"no address", kratos.Identity{ID: "7a1c", Traits: json.RawMessage(`{"mail":"a@example.test"}`)}, nil},
		{"no traits", kratos.Identity{ID: "7a1c"}, nil},
	} {
		if got, err := reminderRow(c.account); !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
	}
}
