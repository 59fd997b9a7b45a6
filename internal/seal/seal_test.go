package seal_test

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/seal"
)

type cookie struct {
	Flow  string `json:"flow"`
	Token string `json:"token"`
}

var sample = cookie{Flow: "7a1c", Token: "ory_st_secret"}

// start is any moment; tests move from it.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(t *time.Time) func() time.Time { return func() time.Time { return *t } }

func box(t testing.TB, now *time.Time, keys ...string) *seal.Box {
	t.Helper()
	b, err := seal.New(keys, at(now))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sealed(t testing.TB, b *seal.Box, purpose string, v any) string {
	t.Helper()
	text, err := b.Seal(purpose, time.Hour, v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedIsSecretAndURLSafe(t *testing.T) {
	now := start
	b := box(t, &now, seal.NewKey())
	text := sealed(t, b, "flow", sample)
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(text) {
		t.Errorf("not URL-safe: %s", text)
	}
	// Signed alone, the token would show after two rounds of base64.
	outer, _ := base64.RawURLEncoding.DecodeString(text)
	middle := strings.Split(string(outer), "|")[1]
	inner, err := base64.URLEncoding.DecodeString(middle)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(inner), "ory_st") || strings.Contains(string(inner), `"e"`) {
		t.Error("the value can be read without the key")
	}
	if text == sealed(t, b, "flow", sample) {
		t.Error("the same value seals to the same text: equal values would show")
	}
	var got cookie
	if err := b.Open("flow", text, &got); err != nil || got != sample {
		t.Errorf("Open = %+v, %v", got, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	now := start
	key := seal.NewKey()
	b := box(t, &now, key)
	text := sealed(t, b, "flow", sample)
	for name, c := range map[string]struct {
		box             *seal.Box
		purpose, sealed string
	}{
		"nothing":           {b, "flow", ""},
		"not base64":        {b, "flow", "é|é|é"},
		"other key":         {box(t, &now, seal.NewKey()), "flow", text},
		"other purpose":     {b, "link", text},
		"empty purpose":     {b, "", text},
		"padding added":     {b, "flow", text + "="},
		"line end added":    {b, "flow", text[:8] + "\n" + text[8:]},
		"something behind":  {b, "flow", text + "AAAA"},
		"longer than bound": {b, "flow", strings.Repeat("A", seal.MaxLength+1)},
	} {
		got := cookie{Flow: "before"}
		if err := c.box.Open(c.purpose, c.sealed, &got); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
		if got.Flow != "before" {
			t.Errorf("%s: the target was written to", name)
		}
	}
}

func TestOpenRefusesEveryCutAndEveryFlip(t *testing.T) {
	now := start
	b := box(t, &now, seal.NewKey())
	text := sealed(t, b, "flow", sample)
	var got cookie
	for i := range len(text) {
		if err := b.Open("flow", text[:i], &got); !errors.Is(err, seal.ErrForged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		for bit := range 8 {
			flipped := []byte(text)
			flipped[i] ^= 1 << bit
			if err := b.Open("flow", string(flipped), &got); !errors.Is(err, seal.ErrForged) {
				t.Fatalf("byte %d, bit %d flipped: %v", i, bit, err)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	now := start
	b := box(t, &now, seal.NewKey())
	text := sealed(t, b, "flow", sample)
	var got cookie
	now = start.Add(time.Hour - time.Millisecond)
	if err := b.Open("flow", text, &got); err != nil {
		t.Errorf("one millisecond before the end: %v", err)
	}
	now = start.Add(time.Hour)
	if err := b.Open("flow", text, &got); !errors.Is(err, seal.ErrExpired) {
		t.Errorf("at the end: %v", err)
	}
	// Only what is ours may be called expired.
	if err := b.Open("link", text, &got); !errors.Is(err, seal.ErrForged) {
		t.Errorf("expired and for another purpose: %v", err)
	}
	// A link of 48 h outlives any default of the library.
	now = start
	long, err := b.Seal("link", 400*24*time.Hour, sample)
	if err != nil {
		t.Fatal(err)
	}
	now = start.Add(399 * 24 * time.Hour)
	if err := b.Open("link", long, &got); err != nil {
		t.Errorf("after 399 of 400 days: %v", err)
	}
}

func TestRotation(t *testing.T) {
	now := start
	oldKey, newKey := seal.NewKey(), seal.NewKey()
	before, during, after := box(t, &now, oldKey), box(t, &now, newKey, oldKey), box(t, &now, newKey)
	old, fresh := sealed(t, before, "flow", sample), sealed(t, during, "flow", sample)
	var got cookie
	for name, c := range map[string]struct {
		box    *seal.Box
		sealed string
		want   error
	}{
		"old text while both keys are there":  {during, old, nil},
		"new text while both keys are there":  {during, fresh, nil},
		"new text without the old key":        {after, fresh, nil},
		"old text without the old key":        {after, old, seal.ErrForged},
		"new text on a replica not there yet": {box(t, &now, oldKey, newKey), fresh, nil},
	} {
		if err := c.box.Open("flow", c.sealed, &got); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A cookie whose shape changed between releases must not be half read.
func TestOtherShape(t *testing.T) {
	now := start
	b := box(t, &now, seal.NewKey())
	text := sealed(t, b, "flow", map[string]any{"flow": "new", "token": 3})
	got := cookie{Flow: "before"}
	if err := b.Open("flow", text, &got); !errors.Is(err, seal.ErrForged) || got.Flow != "before" {
		t.Errorf("Open = %+v, %v", got, err)
	}
}

func TestSealRefuses(t *testing.T) {
	now := start
	b := box(t, &now, seal.NewKey())
	// What an address may hold takes no more room than what it is: the longest of ours fits, whatever its letters.
	for _, letter := range []string{"x", "&", "<", "é"} {
		if _, err := b.Seal("flow", time.Hour, cookie{Flow: strings.Repeat(letter, 1300/len(letter)), Token: strings.Repeat(`"`, 254)}); err != nil {
			t.Errorf("%s: %v", letter, err)
		}
	}
	if _, err := b.Seal("flow", time.Hour, strings.Repeat("x", seal.MaxLength)); err == nil {
		t.Error("a value that no cookie holds was sealed")
	}
	if _, err := b.Seal("flow", time.Hour, func() {}); err == nil {
		t.Error("a function was sealed")
	}
}

func TestNewRefusesWeakKeys(t *testing.T) {
	for name, keys := range map[string][]string{
		"none":            nil,
		"empty":           {""},
		"short":           {seal.NewKey()[:42]},
		"a placeholder":   {strings.Repeat("changeme", 8)},
		"weak second key": {seal.NewKey(), "x"},
	} {
		_, err := seal.New(keys, time.Now)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if len(keys) > 0 && keys[0] != "" && strings.Contains(err.Error(), keys[0]) {
			t.Errorf("%s: the error quotes a key", name)
		}
	}
	// What an administrator makes with openssl rand -hex 32.
	if _, err := seal.New([]string{"3f9a0c77d1e24b58a6c0913e5d7f8b2240aa91c3e6d5f70b18c29d4e6fa35b70"}, time.Now); err != nil {
		t.Errorf("hexadecimal: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	now := start
	b := box(f, &now, seal.NewKey())
	text := sealed(f, b, "flow", sample)
	f.Add(text)
	f.Add(text[:len(text)-4])
	f.Add("MTIzfHx8")
	f.Add("")
	f.Fuzz(func(t *testing.T, in string) {
		var got cookie
		err := b.Open("flow", in, &got)
		if err == nil && in != text {
			t.Fatalf("opened what was not sealed")
		}
		if err != nil && !errors.Is(err, seal.ErrForged) {
			t.Fatalf("neither opened nor forged: %v", err)
		}
	})
}
