package settings

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// --help is the manual: each setting says there what it is for, and is spelled the same in all three places.
func TestEverySettingIsDescribed(t *testing.T) {
	snake := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}
	for _, f := range fields() {
		if !snake.MatchString(f.key) || seen[f.key] {
			t.Errorf("%q is no key, or is there twice", f.key)
		}
		seen[f.key] = true
		if len(f.help) < 10 {
			t.Errorf("%s: help %q", f.key, f.help)
		}
		if checks[f.check] == nil {
			t.Errorf("%s: no check %q", f.key, f.check)
		}
		if f.secret && f.def != "" {
			t.Errorf("%s: a secret that everybody knows", f.key)
		}
	}
}

// The defaults are the demonstration's: with secrets they must be a site that starts.
func TestDefaults(t *testing.T) {
	s := Defaults()
	s.Keys, s.HookKey = []string{goodKey}, goodHook
	if faults := s.check(); len(faults) > 0 {
		for _, fault := range faults {
			if fault != nil {
				t.Error(fault)
			}
		}
	}
	if diff := cmp.Diff(good(t), s); diff != "" {
		t.Errorf("Read without anything against Defaults: %s", diff)
	}
}

// Where accounts are created, step 3 saves the names before the password: a request lives long enough for both.
func TestStepThreeSavesNamesToo(t *testing.T) {
	closed := Defaults()
	open := closed
	open.Registration = RegistrationOpen
	if got := open.StepThree() - closed.StepThree(); got != closed.KratosTimeout {
		t.Errorf("%s for the names", got)
	}
	closed.RequestTimeout = closed.StepThree() + 2*time.Second
	open.RequestTimeout = closed.RequestTimeout
	refused := func(s Settings) bool {
		return slices.ContainsFunc(s.check(), func(fault error) bool {
			return strings.Contains(fault.Error(), "request_timeout: must be ")
		})
	}
	if refused(closed) || !refused(open) {
		t.Errorf("refused: closed %t, open %t", refused(closed), refused(open))
	}
}
