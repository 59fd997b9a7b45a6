package redact

import "testing"

func TestText(t *testing.T) {
	for _, c := range []struct{ path, value, want string }{
		{"courier.smtp.connection_uri", "smtp://u:test@relay:25/", Mark},
		{"dsn", "postgres://u:p@db/k", Mark},
		{"secrets.cookie[0]", "test", Mark},
		{"secrets.of_tomorrow[1]", "test", Mark},
		{"selfservice.flows.settings.after.password.hooks[0].config.auth.config.value", "test", Mark},
		{"selfservice.methods.oidc.config.providers[0].client_secret", "test", Mark},
		{"selfservice.methods.oidc.config.providers[0].apple_private_key", "test", Mark},
		{"courier.http.request_config.headers.Authorization", "Bearer test", Mark},
		{"dsn", "", ""},
		// A word that is also a password somewhere stands for itself.
		{"selfservice.default_browser_return_url", "https://site.example.test/connexion", "https://site.example.test/connexion"},
		{"cookies.domain", "example.test", "example.test"},
		{"selfservice.methods.password.enabled", "true", "true"},
		{"session.cookie.name", "ory_kratos_session", "ory_kratos_session"},
		{"courier.smtp.headers.X-Value", "value", "value"},
		// What lets one in, in an address of a key that is none.
		{"identity.schemas[0].url", "https://me:test@schemas.example.test/a.json", "https://" + Mark + "@schemas.example.test/a.json"},
		{"hooks[0].config.url", "https://h.example.test/x?api_key=abc&a=b", "https://h.example.test/x?a=b&api_key=" + Mark},
	} {
		if got := Text(c.path, c.value); got != c.want {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
}
