package profile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"efpconnect.example/internal/importer/source"
)

// Formats are the forms of a source: those of source.Formats, and sql.
var Formats = append(slices.Clone(source.Formats), "sql")

// CSV says how the file is written.
type CSV struct {
	Delimiter  string   `yaml:"delimiter"` // one character or several; ";"
	Encoding   string   `yaml:"encoding"`  // one of source.Encodings; a byte order mark wins
	LazyQuotes bool     `yaml:"lazy_quotes"`
	Quote      string   `yaml:"quote"`   // a character; `"`; none for a file without
	Escape     string   `yaml:"escape"`  // a character before what is plain text; none by default
	Columns    []string `yaml:"columns"` // of a file without a line of titles
}

// JSON says how the file is written.
type JSON struct {
	Encoding string `yaml:"encoding"`
	Path     string `yaml:"path"` // to the list of people, when the file is an object
}

// JSONL says how the file is written.
type JSONL struct {
	Encoding string `yaml:"encoding"`
}

// LDIF says how the file is written.
type LDIF struct {
	Encoding    string `yaml:"encoding"`
	ObjectClass string `yaml:"object_class"` // of the entries that are people; all without it
}

// XLSX says what to read of a workbook.
type XLSX struct {
	Sheet string `yaml:"sheet"` // the first without it
}

// Fixed says where the columns of a file of fixed width are.
type Fixed struct {
	Encoding string               `yaml:"encoding"`
	Skip     int                  `yaml:"skip"` // lines before the first person
	Columns  []source.FixedColumn `yaml:"columns"`
}

// SQL says what to ask a database.
type SQL struct {
	Driver string `yaml:"driver"`  // postgres, mysql, sqlite
	DSNEnv string `yaml:"dsn_env"` // the environment variable that holds the address: no secret in a profile
	Query  string `yaml:"query"`
	Key    string `yaml:"key"`
}

// SourceOptions are the options that the source package wants for a file of a format. temp is a folder for what does not fit in memory.
func (p *Profile) SourceOptions(format, temp string) source.Options {
	o := source.Options{Format: format, CSV: p.CSVOptions()}
	o.JSON = source.JSONOptions{Encoding: p.JSON.Encoding, Path: p.JSON.Path, Columns: p.Columns()}
	if format == "jsonl" {
		o.JSON.Encoding = p.JSONL.Encoding
	}
	if p.PasswordHash.Form == formKeycloak {
		o.JSON.Whole = []string{p.PasswordHash.Column}
	}
	o.LDIF = source.LDIFOptions{Encoding: p.LDIF.Encoding, ObjectClass: p.LDIF.ObjectClass, Columns: p.Columns()}
	o.XLSX = source.XLSXOptions{Sheet: p.XLSX.Sheet, TempDir: temp}
	o.Fixed = source.FixedOptions{Encoding: p.Fixed.Encoding, Skip: p.Fixed.Skip, Columns: p.Fixed.Columns}
	return o
}

// CSVOptions are the options that the source package wants.
func (p *Profile) CSVOptions() source.CSVOptions {
	return source.CSVOptions{
		Delimiter:  p.CSV.Delimiter,
		Encoding:   p.CSV.Encoding,
		Quote:      p.CSV.Quote,
		Escape:     p.CSV.Escape,
		LazyQuotes: p.CSV.LazyQuotes,
		Columns:    p.CSV.Columns,
	}
}

// OwnDelimiter is the one that the import's own files are written with: that of the source, where it is one character and the source is CSV.
func (p *Profile) OwnDelimiter() rune {
	if r, size := utf8.DecodeRuneInString(p.CSV.Delimiter); size == len(p.CSV.Delimiter) && size > 0 {
		return r
	}
	return ';'
}

// formatFaults are those of the options of all formats, whether the profile uses them or not.
func (p *Profile) formatFaults(f *faultList) {
	f.oneOf("format", p.Format, Formats...)
	for where, encoding := range map[string]string{
		"csv": p.CSV.Encoding, "json": p.JSON.Encoding, "jsonl": p.JSONL.Encoding, "ldif": p.LDIF.Encoding, "fixed": p.Fixed.Encoding,
	} {
		f.oneOf(where+".encoding", encoding, source.Encodings...)
	}
	p.csvFaults(f)
	p.fixedFaults(f)
	if p.Format == "sql" {
		p.sqlFaults(f)
	}
}

func (p *Profile) csvFaults(f *faultList) {
	c := p.CSV
	if strings.ContainsAny(c.Delimiter, "\"\r\n\uFFFD") || len(c.Delimiter) > 16 {
		f.add("csv.delimiter", "quelques caractères au plus, ni guillemet ni fin de ligne")
	}
	oneCharacter := func(s string) bool { return utf8.RuneCountInString(s) == 1 && !strings.ContainsAny(s, "\r\n\uFFFD") }
	if c.Quote != source.QuoteNone && !oneCharacter(c.Quote) {
		f.add("csv.quote", "un seul caractère, ou none pour un fichier sans guillemets")
	}
	if c.Escape != "" && (!oneCharacter(c.Escape) || len(c.Escape) > 1) {
		f.add("csv.escape", "un seul caractère, \\ le plus souvent")
	}
	if c.Quote == c.Delimiter || c.Escape == c.Delimiter || c.Escape == c.Quote {
		f.add("csv", "delimiter, quote et escape sont trois caractères différents")
	}
	seen := map[string]bool{}
	for _, name := range c.Columns {
		if seen[name] && name != "" {
			f.add("csv.columns", "%q y est deux fois", name)
		}
		seen[name] = true
	}
}

func (p *Profile) fixedFaults(f *faultList) {
	if p.Format == "fixed" && len(p.Fixed.Columns) == 0 {
		f.add("fixed.columns", "obligatoire : name, from et to de chaque colonne")
	}
	for _, c := range p.Fixed.Columns {
		if c.Name == "" || c.From < 1 || c.To < c.From || c.To > source.MaxRecordBytes {
			f.add("fixed.columns", "%q : un nom, et de quel caractère (from, 1 pour le premier) à quel caractère (to)", c.Name)
		}
	}
	if p.Fixed.Skip < 0 {
		f.add("fixed.skip", "un nombre de lignes")
	}
}

func (p *Profile) sqlFaults(f *faultList) {
	f.oneOf("sql.driver", p.SQL.Driver, "postgres", "mysql", "sqlite")
	for _, field := range []struct{ where, value string }{
		{"sql.dsn_env", p.SQL.DSNEnv}, {"sql.query", strings.TrimSpace(p.SQL.Query)}, {"sql.key", p.SQL.Key},
	} {
		if field.value == "" {
			f.add(field.where, "obligatoire")
		}
	}
	if strings.ContainsAny(p.SQL.Key, "\"`;") {
		f.add("sql.key", "nom de colonne simple")
	}
	if strings.Contains(p.SQL.Query, ";") {
		f.add("sql.query", "une seule requête, sans point-virgule")
	}
}
