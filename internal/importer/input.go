package importer

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// input is a source that can be read several times.
type input struct {
	open    func() (source.Reader, error)
	partial bool // a file of ours that comes back
	remove  func()
}

// openInput prepares the source. What can be read only once is copied to the import's folder until close.
func (o *Options) openInput(ctx context.Context) (*input, error) {
	format := o.Format
	if format == "" {
		format = o.Profile.Format
	}
	in := &input{remove: func() {}}
	if err := source.RemoveXLSXTemp(o.Dir); err != nil { // of a run that was killed
		return nil, err
	}
	switch {
	case format == "sql" && o.Input == "":
		return in, o.copyQuery(ctx, in)
	case !slices.Contains(profile.Formats, format):
		return nil, OptionError(fmt.Sprintf("--format : %q n’est pas l’un de : %s", format, strings.Join(profile.Formats, ", ")))
	case o.Input == "":
		return nil, OptionError("il manque le fichier à lire (--input)")
	}
	path, err := o.regular(in)
	if err != nil {
		in.remove()
		return nil, err
	}
	if in.open, in.partial, err = o.opener(path, format); err == nil {
		var reader source.Reader
		if reader, err = in.open(); err == nil { // so that what is plainly wrong shows at once
			return in, reader.Close()
		}
	}
	in.remove()
	return nil, err
}

// regular is the path of a file that can be read several times: the input itself, or a copy of a stream.
func (o *Options) regular(in *input) (string, error) {
	stream, name := o.Stdin, "l’entrée standard"
	if o.Input != "-" {
		info, err := os.Stat(o.Input)
		switch {
		case err != nil:
			return "", err
		case info.IsDir():
			return "", OptionError(o.Input + " est un dossier")
		case info.Mode().IsRegular():
			return o.Input, nil
		}
		f, err := os.Open(o.Input)
		if err != nil {
			return "", err
		}
		defer f.Close()
		stream, name = f, o.Input
	}
	path := o.path(copyFile)
	in.remove = func() { os.Remove(path) }
	if err := source.CopyBytes(path, stream); err != nil {
		return "", fmt.Errorf("copie de %s : %w", name, err)
	}
	return path, nil
}

// opener tells how to read a file, and whether it is one of ours that comes back: whatever the format of the profile, such a file is CSV.
func (o *Options) opener(path, format string) (open func() (source.Reader, error), partial bool, err error) {
	options, partial, err := o.reimportOptions(path)
	if err != nil {
		return nil, false, err
	}
	switch {
	case partial:
		return func() (source.Reader, error) { return openReimport(path, options) }, true, nil
	case format == "sql":
		return nil, false, OptionError("une source SQL ne se lit pas dans un fichier : choisissez un autre --format (csv, json, ldif, xlsx…)")
	}
	return func() (source.Reader, error) { return source.Open(path, o.Profile.SourceOptions(format, o.Dir)) }, false, nil
}

func (o *Options) copyQuery(ctx context.Context, in *input) error {
	dsn := os.Getenv(o.Profile.SQL.DSNEnv)
	if dsn == "" {
		return fmt.Errorf("la variable d’environnement %s, qui donne l’adresse de la base, est vide", o.Profile.SQL.DSNEnv)
	}
	s := o.Profile.SQL
	query, err := source.NewSQL(ctx, source.SQLOptions{Driver: s.Driver, DSN: dsn, Query: s.Query, Key: s.Key})
	if err != nil {
		return err
	}
	defer query.Close()
	path := o.path(copyFile)
	in.remove = func() { os.Remove(path) }
	if err := source.WriteCopy(path, query); err != nil {
		in.remove()
		return err
	}
	in.open = func() (source.Reader, error) { return source.OpenCopy(path) }
	return nil
}
