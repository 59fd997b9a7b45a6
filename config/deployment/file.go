package deployment

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"efpconnect.example/config/doctor"
	"efpconnect.example/config/validate"
)

// ErrNoDocument is returned for a file that is something else than what Kratos reads.
var ErrNoDocument = errors.New("this is no kratos.yml")

// ParseDocument reads a kratos.yml (or .toml, .json), and says what it is where it is none.
func ParseDocument(name string, content []byte) (map[string]any, error) {
	values, err := validate.Parse(name, content)
	says := ""
	switch {
	case strings.Contains(string(content), "{{") && (err != nil || !kratosKeys(values)):
		says = "a template, with {{ }} in it: render it first (helm template), and take Kratos's document out of what comes"
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(values) == 0:
		says = "it holds nothing"
	case get(values, "kratos.config") != nil:
		says = "the values of Ory's Helm chart: write what stands under kratos.config to a file of its own"
	case get(values, "kind") != nil && get(values, "apiVersion") != nil:
		says = fmt.Sprintf("a manifest of Kubernetes (%v): write the document that it holds to a file of its own", get(values, "kind"))
	case get(values, "services") != nil:
		says = "a Compose file: name it with --compose"
	case !kratosKeys(values):
		says = "it has no key of Kratos's (" + strings.Join(slices.Sorted(maps.Keys(values)), ", ") + ")"
	default:
		return values, nil
	}
	return nil, fmt.Errorf("%s: %w: %.300s", name, ErrNoDocument, says)
}

// kratosKeys tells a document that has a section of Kratos's.
func kratosKeys(values map[string]any) bool {
	for _, section := range []string{"selfservice", "identity", "serve", "courier", "secrets", "dsn", "session", "cookies", "log", "hashers", "oauth2_provider"} {
		if _, there := values[section]; there {
			return true
		}
	}
	return false
}

// File is the document of a Kratos that already runs, and what it names as far as it can be read from here.
type File struct {
	Facts    *doctor.Facts
	Document []byte
	Unjudged []string // what no verdict is about, and why
}

// ReadFile reads the document. schema is the file of its identity schema; "" looks where the document says.
func ReadFile(name, schema string) (*File, error) {
	f := &File{Facts: &doctor.Facts{}}
	var err error
	if f.Document, err = os.ReadFile(name); err != nil {
		return nil, err
	}
	if f.Facts.Kratos, err = ParseDocument(name, f.Document); err != nil {
		return nil, err
	}
	if dsn, _ := get(f.Facts.Kratos, "dsn").(string); dsn == "" {
		f.unjudged("dsn", "not in the document: a variable of Kratos's?")
	}
	return f, errors.Join(f.readSchema(schema), f.readTemplates())
}

func (f *File) unjudged(what, why string) {
	f.Unjudged = append(f.Unjudged, what+" ("+why+")")
}

// readSchema reads the identity schema: the file that is given, or the default one of the document where it can be read from here.
func (f *File) readSchema(given string) error {
	const what = "the identity schema"
	address := defaultSchema(f.Facts.Kratos)
	path, isFile := strings.CutPrefix(address, "file://")
	encoded, isText := strings.CutPrefix(address, "base64://")
	var content []byte
	var err error
	switch {
	case given != "":
		address = given
		content, err = os.ReadFile(given)
	case isText:
		address = "base64://…"
		content, err = base64.StdEncoding.DecodeString(encoded)
	case isFile:
		if content, err = os.ReadFile(path); errors.Is(err, fs.ErrNotExist) {
			f.unjudged(what, path+" is not on this machine: name it with --identity-schema")
			return nil
		}
	case address == "":
		f.unjudged(what, "identity.default_schema_id names none of identity.schemas")
		return nil
	default:
		f.unjudged(what, "it is at "+withoutUser(address)+": fetch it, and name it with --identity-schema")
		return nil
	}
	if err == nil {
		err = json.Unmarshal(content, &f.Facts.Schema)
	}
	if err != nil {
		return fmt.Errorf("identity schema %s: %w", address, err)
	}
	return nil
}

// withoutUser is an address to show: where it is, not how one gets in.
func withoutUser(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + "/…"
}

// defaultSchema is the address of the schema that accounts have unless they say otherwise.
func defaultSchema(document map[string]any) string {
	list, _ := get(document, "identity.schemas").([]any)
	wanted, _ := get(document, "identity.default_schema_id").(string)
	for _, one := range list {
		entry, _ := one.(map[string]any)
		if address, _ := entry["url"].(string); address != "" && (wanted == "" || entry["id"] == wanted) {
			return address
		}
	}
	return ""
}

// readTemplates reads the folder of the mails; a document that names none is a finding of the rule about them.
func (f *File) readTemplates() error {
	folder, _ := get(f.Facts.Kratos, "courier.template_override_path").(string)
	if folder == "" {
		return nil
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		f.unjudged("the mails", "courier.template_override_path: "+folder+" is not on this machine")
		return nil
	}
	f.Facts.Templates = map[string]string{}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		f.Facts.Templates[filepath.ToSlash(name)] = string(content)
		return err
	})
}
