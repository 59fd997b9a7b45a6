package page

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"efpconnect.example/internal/password"
)

func words(t testing.TB, language string) Words {
	t.Helper()
	w, err := LoadWords(language)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// keysInOrder reads the file itself: a map keeps neither the order nor a key that is there twice.
func keysInOrder(t *testing.T, language string) (keys []string) {
	t.Helper()
	raw, err := wordFiles.ReadFile("words/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	for depth, isKey := 0, true; ; {
		token, err := d.Token()
		if err != nil {
			return keys
		}
		switch token := token.(type) {
		case json.Delim:
			depth++
			if depth > 1 && token == '{' {
				t.Fatalf("%s.json is not flat", language)
			}
		case string:
			if isKey {
				keys = append(keys, token)
			}
			isKey = !isKey
		}
	}
}

// The files are kept side by side: the same keys in the same order, each once, or nobody finds what is missing.
func TestLanguagesHaveTheSameKeys(t *testing.T) {
	first := keysInOrder(t, Languages[0])
	if len(first) < 100 {
		t.Fatalf("only %d keys were read", len(first))
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(first))); len(unique) != len(first) {
		t.Error("a key is there twice")
	}
	for _, language := range Languages[1:] {
		if diff := cmp.Diff(first, keysInOrder(t, language)); diff != "" {
			t.Errorf("%s against %s: %s", Languages[0], language, diff)
		}
	}
}

// A translation that lost a placeholder, a link or a bold word loses it for everybody who reads that language.
func TestTranslationsKeepTheirParts(t *testing.T) {
	parts := regexp.MustCompile("\\{[a-z]+\\}|\\]\\([a-z_]+\\)|\\*\\*|`")
	of := func(text string) []string { return slices.Sorted(slices.Values(parts.FindAllString(text, -1))) }
	french := words(t, "fr")
	for _, language := range Languages[1:] {
		for key, text := range words(t, language) {
			if diff := cmp.Diff(of(french[key]), of(text)); diff != "" {
				t.Errorf("%s of %s: %s", key, language, diff)
			}
			if strings.TrimSpace(text) != text || text == "" || french[key] == "" {
				t.Errorf("%s is empty or has spaces around it", key)
			}
		}
	}
}

// Without a no-break space a line may begin with a colon; and a keyboard's apostrophe is not the one of print.
func TestTypography(t *testing.T) {
	loose := regexp.MustCompile(`(^|[^\x{00a0}\x{202f}])[:;?!»]|«[^\x{00a0}\x{202f}]|'|"|\.\.\.`)
	for key, text := range words(t, "fr") {
		if found := loose.FindString(text); found != "" {
			t.Errorf("%s: %q in %q", key, found, text)
		}
	}
	for key, text := range words(t, "en") {
		if strings.ContainsAny(text, "'\"\u00a0") {
			t.Errorf("%s: a plain quotation mark or a French space in %q", key, text)
		}
	}
}

// A key that nobody uses is a sentence that somebody goes on translating; one that is not there is shown to a person.
func TestEveryKeyIsUsedAndEveryUsedKeyIsThere(t *testing.T) {
	used, demanded := keysOfCode(t)
	maps.Copy(used, madeKeys(t))
	french := words(t, "fr")
	for _, key := range slices.Sorted(maps.Keys(french)) {
		if !used[key] {
			t.Errorf("%s: used nowhere", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(demanded)) {
		if _, ok := french[key]; !ok {
			t.Errorf("%s: used, but no language has it", key)
		}
	}
}

// madeKeys are those that a template puts together.
func madeKeys(t *testing.T) map[string]bool {
	keys := map[string]bool{}
	for n := 1; n <= 3; n++ {
		for _, way := range ways {
			keys[way.step+strconv.Itoa(n)] = true
		}
	}
	for _, class := range password.Default().Classes {
		keys["criteria."+class.Name] = true
	}
	for _, state := range []password.State{password.Met, password.Missing, password.Optional} {
		keys["criteria."+string(state)] = true
	}
	shown := regexp.MustCompile(`template "show-password" "([a-z-]+)"`)
	eachSource(t, ".html", func(_ string, source []byte) {
		for _, match := range shown.FindAllSubmatch(source, -1) {
			keys["show."+string(match[1])] = true
		}
	})
	french := words(t, "fr")
	for key := range keys {
		if french[key] == "" {
			t.Errorf("%s: made by a template, but no language has it", key)
		}
	}
	return keys
}

// keysOfCode are all texts of the site's templates and Go files, and those among them that can be nothing but keys.
func keysOfCode(t *testing.T) (texts, keys map[string]bool) {
	texts, keys = map[string]bool{}, map[string]bool{}
	call := regexp.MustCompile(`\b(?:t|rich) "([^"]+)"`)
	eachSource(t, ".html", func(_ string, source []byte) {
		for _, match := range call.FindAllSubmatch(source, -1) {
			texts[string(match[1])], keys[string(match[1])] = true, true
		}
	})
	key := regexp.MustCompile(`^[a-z_]+\.[a-z0-9_]+$`)
	eachSource(t, ".go", func(name string, source []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
					texts[text] = true
				}
			case *ast.KeyValueExpr:
				if text := literalOf(node, "Key", "Text", "Heading", "Title", "Label"); key.MatchString(text) {
					keys[text] = true
				}
			}
			return true
		})
	})
	if len(keys) < 50 {
		t.Fatalf("only %d keys were found in the code", len(keys))
	}
	return texts, keys
}

// literalOf is the text given to one of the named fields.
func literalOf(pair *ast.KeyValueExpr, fields ...string) string {
	name, ok := pair.Key.(*ast.Ident)
	literal, isText := pair.Value.(*ast.BasicLit)
	if !ok || !isText || literal.Kind != token.STRING || !slices.Contains(fields, name.Name) {
		return ""
	}
	text, _ := strconv.Unquote(literal.Value)
	return text
}

// eachSource goes through the site's files, tests and their tools left out.
func eachSource(t *testing.T, ending string, see func(name string, source []byte)) {
	t.Helper()
	site := os.DirFS("..")
	err := fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "vendor" {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ending) || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(site, name)
		if err == nil {
			see(name, source)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestText(t *testing.T) {
	w := Words{"plain": "Suivant", "n": "Il vous reste {n} essais sur {all}."}
	for _, c := range []struct {
		why   string
		key   string
		pairs []any
		want  string
	}{
		{"a sentence without a placeholder", "plain", nil, "Suivant"},
		{"numbers and texts alike", "n", []any{"n", 2, "all", "cinq"}, "Il vous reste 2 essais sur cinq."},
		{"a placeholder without a value stays: the browser's script fills it", "n", []any{"all", 5}, "Il vous reste {n} essais sur 5."},
		{"a value that looks like a placeholder is no placeholder", "n", []any{"n", "{all}", "all", 5}, "Il vous reste {all} essais sur 5."},
		{"a name without its value is left alone", "n", []any{"n"}, "Il vous reste {n} essais sur {all}."},
		{"a key without a sentence is shown, and found by the tests", "none", nil, "none"},
	} {
		if got := w.Text(c.key, c.pairs...); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestRich(t *testing.T) {
	w := Words{
		"both":   "Lisez [**ceci**](way), **vite** !",
		"value":  "Bonjour {name}",
		"markup": "<b>non</b> & [x](way)",
	}
	for _, c := range []struct {
		why   string
		key   string
		pairs []any
		want  string
	}{
		{"bold words, and a link around some", "both", []any{"way", "/ici"}, `Lisez <a class="fr-link" href="/ici"><strong>ceci</strong></a>, <strong>vite</strong> !`},
		{"markup of the words themselves is text", "markup", []any{"way", "/"}, `&lt;b&gt;non&lt;/b&gt; &amp; <a class="fr-link" href="/">x</a>`},
		{"markup in a value is text", "value", []any{"name", `<script>"a"&'b'`}, `Bonjour &lt;script&gt;&#34;a&#34;&amp;&#39;b&#39;`},
		{"a value cannot bring bold or a link", "value", []any{"name", "**x** [y](way)", "way", "/"}, `Bonjour **x** [y](way)`},
		{"an address cannot end its attribute", "both", []any{"way", `" onclick="x`}, `Lisez <a class="fr-link" href="&#34; onclick=&#34;x"><strong>ceci</strong></a>, <strong>vite</strong> !`},
	} {
		if got := string(w.Rich(c.key, c.pairs...)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
		}
	}
}

func TestLoadWordsNamesTheLanguage(t *testing.T) {
	if _, err := LoadWords("de"); err == nil || !strings.Contains(err.Error(), `"de"`) {
		t.Errorf("error %v", err)
	}
}
