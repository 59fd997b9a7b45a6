package captcha_test

import (
	"testing"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/seal"
)

func TestTrap(t *testing.T) {
	key := seal.NewKey()
	for _, tc := range []struct {
		name, form, trapped string
		after               time.Duration
		stamp               func(string) string
		want                captcha.Caught
	}{
		{name: "a person", form: captcha.FormLogin, after: 5 * time.Second, want: captcha.Free},
		{name: "a password manager and one key", form: captcha.FormLogin, after: 800 * time.Millisecond, want: captcha.Free},
		{name: "a script", form: captcha.FormLogin, after: 799 * time.Millisecond, want: captcha.TooFast},
		{name: "open all day", form: captcha.FormLogin, after: 23 * time.Hour, want: captcha.Free},
		{name: "since yesterday", form: captcha.FormLogin, after: 24 * time.Hour, want: captcha.Stale},
		{name: "another form's stamp", form: captcha.FormRecovery, after: time.Minute, want: captcha.Stale},
		{name: "no stamp", form: captcha.FormLogin, after: time.Minute, stamp: func(string) string { return "" }, want: captcha.Stale},
		{name: "a date put back", form: captcha.FormLogin, after: time.Minute, stamp: func(s string) string { return "A" + s[1:] }, want: captcha.Stale},
		{name: "the field filled in", form: captcha.FormLogin, trapped: "Bonjour", after: time.Minute, want: captcha.Filled},
		{name: "filled in counts first", form: captcha.FormLogin, trapped: " ", after: 0, want: captcha.Filled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &clock{start}
			box, err := seal.New([]string{key}, c.now)
			if err != nil {
				t.Fatal(err)
			}
			pot := captcha.Honeypot{Box: box, Now: c.now}
			stamp, err := pot.Stamp(captcha.FormLogin)
			if err != nil {
				t.Fatal(err)
			}
			if tc.stamp != nil {
				stamp = tc.stamp(stamp)
			}
			c.t = c.t.Add(tc.after)
			got, err := pot.Check(tc.form, tc.trapped, stamp)
			if err != nil || got != tc.want {
				t.Errorf("Check = %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}
