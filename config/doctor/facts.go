package doctor

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

func (f *Facts) prepare() {
	if f.document == nil {
		f.document = koanf.New(".")
		// A map that was parsed from a file always loads.
		_ = f.document.Load(confmap.Provider(f.Kratos, ""), nil)
	}
}

// has tells whether there is a document at all and the key in it.
func (f *Facts) has(key string) bool { return f.document.Exists(key) && f.document.Get(key) != nil }

// value is what is written under a key, or Kratos's own default; nil where there is neither.
func (f *Facts) value(key string) any {
	if f.has(key) {
		return f.document.Get(key)
	}
	return f.schema().Default(key)
}

// text is what is written under a key when that is a text: koanf would print a list as one. It is "" where nothing is written.
func (f *Facts) text(key string) string {
	text, _ := f.document.Get(key).(string)
	return text
}

// choice is a text, or Kratos's own default.
func (f *Facts) choice(key string) string {
	text, _ := f.value(key).(string)
	return text
}

// truth is a boolean, or Kratos's own default. A boolean that has none is false.
func (f *Facts) truth(key string) bool {
	switch value := f.value(key).(type) {
	case bool:
		return value
	case string:
		truth, _ := strconv.ParseBool(value)
		return truth
	}
	return false
}

// number is a whole number, or Kratos's own default.
func (f *Facts) number(key string) int {
	if f.has(key) {
		return f.document.Int(key)
	}
	n, _ := f.schema().Default(key).(float64) // as JSON has it
	return int(n)
}

// bytes is an amount of memory as Kratos writes it (64MB), or its own default.
func (f *Facts) bytes(key string) int {
	text := strings.ToUpper(strings.ReplaceAll(fmt.Sprint(f.value(key)), " ", ""))
	digits := strings.TrimRight(text, "KMGTIB")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0
	}
	for _, unit := range "KMGT" {
		n *= 1024
		if strings.HasPrefix(text[len(digits):], string(unit)) {
			return int(n)
		}
	}
	n, _ = strconv.ParseFloat(digits, 64)
	return int(n)
}

// life is a duration, or Kratos's own default.
func (f *Facts) life(key string) time.Duration {
	d, err := time.ParseDuration(f.choice(key))
	if err != nil {
		d, _ = time.ParseDuration(fmt.Sprint(f.schema().Default(key)))
	}
	return d
}

// list is a list of texts, or Kratos's own default; one text alone is a list of one.
func (f *Facts) list(key string) (texts []string) {
	switch value := f.value(key).(type) {
	case string:
		return []string{value}
	case []string:
		return value
	case []any:
		for _, one := range value {
			if text, ok := one.(string); ok {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// hooks are those of a list of the document.
func (f *Facts) hooks(key string) []*koanf.Koanf { return f.document.Slices(key) }

// https tells that browsers reach the site by https.
func (f *Facts) https() bool { return f.Site != nil && strings.HasPrefix(f.Site.PublicURL, "https:") }

// inService tells what others than the demonstration's own machine see: the site, or the pages that the document leads to.
func (f *Facts) inService() bool {
	if f.Site != nil && f.Site.PublicURL != "" && !f.Site.local() {
		return true
	}
	pages := f.text("selfservice.default_browser_return_url")
	return pages != "" && !local(pages)
}

// local tells the demonstration, which nobody but its own machine sees.
func (s *Site) local() bool { return local(s.PublicURL) }

func local(address string) bool {
	host := hostOf(address)
	return host == "127.0.0.1" || host == "localhost" || host == "::1"
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// at follows keys of nested maps; nil where the way ends. Keys hold dots here ("ory.sh/kratos"), so no path does it.
func at(node any, keys ...string) any {
	for _, key := range keys {
		m, ok := node.(map[string]any)
		if !ok {
			return nil
		}
		node = m[key]
	}
	return node
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if strings.EqualFold(one, text) {
			return true
		}
	}
	return false
}
