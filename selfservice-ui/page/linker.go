package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// linker gives each asset its version. A style sheet or a script that names others names them by their versions, which are part of its
// own content: what it names comes first.
type linker struct {
	sources map[string][]byte
	files   map[string]asset
	under   []string // names on the way: one that names itself has no version
}

// references are what our own files name others by: a style sheet's url(…), a script's quoted path that begins with a dot.
var references = map[string]*regexp.Regexp{
	".css": regexp.MustCompile(`(url\(["']?)([^"')#?]+)`),
	".js":  regexp.MustCompile(`(['"])(\.\.?/[^'"\n]+)`),
}

// add makes one asset, those that it names before.
func (l *linker) add(name string) error {
	if _, done := l.files[name]; done {
		return nil
	}
	for _, one := range l.under {
		if one == name {
			return fmt.Errorf("%s names itself: %s", name, strings.Join(l.under, ", "))
		}
	}
	l.under = append(l.under, name)
	defer func() { l.under = l.under[:len(l.under)-1] }()
	body, err := l.linked(name)
	if err != nil {
		return err
	}
	packed, err := compress(body)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	l.files[name] = asset{kind: contentType(name), version: hex.EncodeToString(sum[:])[:12], body: body, gzip: packed}
	return nil
}

// linked is the file with the addresses of those it names in place of their names. A script of somebody else's is left as it is.
func (l *linker) linked(name string) ([]byte, error) {
	body := l.sources[name]
	reference := references[path.Ext(name)]
	if reference == nil || path.Ext(name) == ".js" && strings.HasPrefix(name, "vendor/") {
		return body, nil
	}
	var fault error
	body = reference.ReplaceAllFunc(body, func(found []byte) []byte {
		parts := reference.FindSubmatch(found)
		named := path.Join(path.Dir(name), string(parts[2]))
		if _, ours := l.sources[named]; !ours {
			return found // data:, or no file of ours: a test looks for those
		}
		if err := l.add(named); err != nil {
			fault = err
			return found
		}
		return append(append([]byte(nil), parts[1]...), assetURL(named, l.files[named].version)...)
	})
	return body, fault
}
