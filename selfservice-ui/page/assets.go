package page

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"efpconnect.example/internal/password"
)

//go:embed all:static
var staticFiles embed.FS

// AssetPrefix is the path all assets live under. The hash of the file's own content follows it, so that each may be kept for a year, and
// a release makes nobody fetch what it did not change.
const AssetPrefix = "/static/"

// Assets are the style sheets, scripts, fonts and icons, compressed once at start.
type Assets struct {
	// DSFR says that the State's design system was fetched at build; without it the plain style sheet is the look.
	DSFR bool

	files map[string]asset
}

type asset struct {
	kind    string
	version string
	body    []byte
	gzip    []byte // nil when it would not be smaller
}

// LoadAssets reads what is embedded.
func LoadAssets() (*Assets, error) {
	// The policy's own script lives beside the policy, so that both change together.
	sources := map[string][]byte{"js/password-policy.js": []byte(password.Script)}
	err := fs.WalkDir(staticFiles, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sources[strings.TrimPrefix(name, "static/")], err = staticFiles.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	linked := linker{sources: sources, files: map[string]asset{}}
	for name := range sources {
		if err := linked.add(name); err != nil {
			return nil, fmt.Errorf("assets: %w", err)
		}
	}
	_, dsfr := linked.files["vendor/dsfr/dsfr.css"]
	return &Assets{DSFR: dsfr, files: linked.files}, nil
}

// URL is where the browser finds a file, for instance css/site.css.
func (a *Assets) URL(name string) string { return assetURL(name, a.files[name].version) }

func assetURL(name, version string) string { return AssetPrefix + version + "/" + name }

// Has reports whether a file is there: what npm brings may be missing.
func (a *Assets) Has(name string) bool { _, ok := a.files[name]; return ok }

// ServeHTTP answers AssetPrefix + version + "/" + name. Another version's address (a page kept open over an upgrade)
// gets today's file, to be asked for again each time: it is sent again only when it has changed.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, AssetPrefix), "/")
	file, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if version == file.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", file.kind)
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", `W/"`+file.version+`"`) // weak: it is the same, compressed or not
	body := file.body
	if file.gzip != nil && takesGzip(strings.Join(r.Header.Values("Accept-Encoding"), ",")) {
		body = file.gzip
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip reads an Accept-Encoding: gzip by its name, else whatever there is; a weight of zero is a no.
func takesGzip(accepted string) (takes bool) {
	for one := range strings.SplitSeq(accepted, ",") {
		coding, weight, weighed := strings.Cut(one, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		takes = true
		if weighed {
			_, weight, _ = strings.Cut(weight, "=")
			q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
			takes = err == nil && q > 0
		}
		if coding == "gzip" {
			return takes
		}
	}
	return takes
}

// contentType does not ask the machine's own tables: they differ from one to the next.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	case ".ico":
		return "image/x-icon"
	case ".webmanifest":
		return "application/manifest+json"
	case ".md", ".txt":
		return "text/plain; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func compress(body []byte) ([]byte, error) {
	var buffer bytes.Buffer
	z, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if buffer.Len() >= len(body)*9/10 {
		return nil, nil
	}
	return buffer.Bytes(), nil
}
