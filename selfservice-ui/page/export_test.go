package page

import (
	"html/template"
	"io/fs"
	"strings"
)

// Unsettled makes a page from the templates as they are written: what the renderer's own must come to.
func (r *Renderer) Unsettled(language string, p Page, files fs.FS) (string, error) {
	set, err := template.New("layout").Funcs(r.functions(language)).ParseFS(layoutFiles, "_*.html")
	if err != nil {
		return "", err
	}
	if set, err = set.ParseFS(files, p.Template+".html"); err != nil {
		return "", err
	}
	p.Site, p.Lang, p.Assets = &r.Site, language, r.Assets
	var text strings.Builder
	err = set.ExecuteTemplate(&text, "layout", p)
	return text.String(), err
}

// Layout is where the pages of this package are.
var Layout fs.FS = layoutFiles
