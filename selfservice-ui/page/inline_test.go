package page

import (
	"html/template"
	"strings"
	"testing"
)

// A word written into the template is shown as the same word filled in at each request, wherever it stands.
func TestSpell(t *testing.T) {
	w := Words{"odd": `<b>"l'un" & {{.}} {n}</b>`}
	source := `<p title="{{t "odd"}}">{{t "odd"}}{{if .}}{{t "odd"}}{{else}}{{t "odd"}}{{end}}{{range .}}{{t "odd"}}{{else}}{{t "odd"}}{{end}}` +
		`{{with .}}{{t "odd"}}{{end}}{{define "part"}}<i>{{t "odd"}}</i>{{end}}{{template "part"}}</p>`
	made := func(inline bool, data any) string {
		calls := 0
		set := template.Must(template.New("x").Funcs(template.FuncMap{"t": func(key string) string { calls++; return w.Text(key) }}).Parse(source))
		if inline {
			w.inline(set)
		}
		var text strings.Builder
		if err := set.Execute(&text, data); err != nil {
			t.Fatal(err)
		}
		if inline != (calls == 0) {
			t.Errorf("inlined %t: %d words asked for", inline, calls)
		}
		return text.String()
	}
	for _, data := range []any{nil, []int{1, 2}} {
		if got, want := made(true, data), made(false, data); got != want {
			t.Errorf("%v:\n%s\nnot\n%s", data, got, want)
		}
	}
}

// What depends on the request stays with the request.
func TestSpellLeavesTheRest(t *testing.T) {
	source := `{{t .}} {{t "n" "all" 5}} {{$x := t "n"}}{{$x}} {{t "n" | printf "%s!"}}`
	set := template.Must(template.New("x").Funcs(template.FuncMap{"t": func(key string, _ ...any) string { return strings.ToUpper(key) }}).Parse(source))
	Words{"n": "inlined"}.inline(set)
	var text strings.Builder
	if err := set.Execute(&text, "dot"); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); got != "DOT N N N!" {
		t.Error(got)
	}
}
