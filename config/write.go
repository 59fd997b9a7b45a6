package config

import (
	"fmt"
	"path/filepath"
)

// The names of what Write leaves in its folder: Kratos is given `-c FOLDER/kratos.yml`.
const (
	DocumentFile  = "kratos.yml"
	SchemaFile    = "identity.schema.json"
	TemplatesRoot = "courier-templates"
)

// Write renders an environment and writes all that Kratos mounts into dir: the document, the schema of an account and the mail
// templates (path under courier-templates → content). Files are readable by their owner alone, since the document holds
// secrets. Nothing is written when rendering fails.
//
// The document names its neighbours by values.mount_dir, which is the folder as Kratos sees it: override it with dir itself
// where Kratos runs on this very machine.
func Write(dir, environment string, overrides map[string]any, templates map[string][]byte) error {
	document, err := Render(environment, overrides)
	if err != nil {
		return err
	}
	if err := WriteTemplates(dir, templates); err != nil {
		return err
	}
	k, err := merge(files, environment, overrides)
	if err != nil {
		return err
	}
	open, err := registrationOpen(k)
	if err != nil {
		return err
	}
	if err := Replace(filepath.Join(dir, SchemaFile), SchemaFor(open)); err != nil {
		return err
	}
	// Last: a running Kratos watches it and reads the others again when it changes.
	return Replace(filepath.Join(dir, DocumentFile), document)
}

// WriteTemplates writes the mail templates alone, for a Kratos that has a document of its own.
func WriteTemplates(dir string, templates map[string][]byte) error {
	for name := range templates {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("template %q: not a path under %s", name, TemplatesRoot)
		}
	}
	if err := makeFolder(filepath.Join(dir, TemplatesRoot)); err != nil {
		return err
	}
	for name, content := range templates {
		if err := Replace(filepath.Join(dir, TemplatesRoot, name), content); err != nil {
			return err
		}
	}
	return nil
}
