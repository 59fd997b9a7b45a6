package source

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	// The three stores that the legacy portals use.
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// sqlPage is how many rows one query asks for when the options do not say.
const sqlPage = 5000

// sqlDrivers gives database/sql's name and the quoting of each driver that a profile may name.
var sqlDrivers = map[string]struct {
	name, quote, placeholder string
	unordered                []string // types that it sorts by one thing, and compares with a value by another
}{
	"postgres": {"pgx", `"`, "$1", nil},
	"mysql":    {"mysql", "`", "?", []string{"ENUM", "SET", "FLOAT", "JSON", "GEOMETRY"}},
	"sqlite":   {"sqlite", `"`, "?", nil},
}

// SQLOptions say what to read from a database.
type SQLOptions struct {
	Driver string // postgres, mysql, sqlite
	DSN    string // secret
	Query  string // a SELECT without ORDER BY or LIMIT; it may end in a semicolon or a comment
	Key    string // a column of the query, unique and not null, which NewSQL checks: pages follow it
	Page   int    // rows a query; 0 for the default
}

// sqlReader pages through a query by its key, so that neither side holds the whole.
type sqlReader struct {
	ctx     context.Context
	db      *sql.DB
	page    string // query for the page after a key
	first   string
	columns []string
	types   []string // of columns, as the driver names them
	key     int      // index of the key in columns
	count   string   // query that counts rows and keys

	unordered []string // types that are no key

	rows *sql.Rows
	last any   // key of the last row read
	got  int   // rows of the current page
	size int   // rows of a full page
	line int64 // rows in all
	all  int64 // rows that the query had when it was counted last
}

// NewSQL runs a query page by page. ctx bounds the whole reading. Before the first page the whole query is counted: rows that share
// a key, or have none, would be lost without a word where one page ends and the next begins.
func NewSQL(ctx context.Context, o SQLOptions) (Reader, error) {
	driver, ok := sqlDrivers[o.Driver]
	if !ok {
		return nil, fmt.Errorf("base inconnue %q : postgres, mysql ou sqlite", o.Driver)
	}
	db, err := sql.Open(driver.name, o.DSN)
	if err != nil {
		// The driver's own text may quote the DSN, and so its password.
		return nil, errors.New("l’adresse de la base (DSN) est mal écrite")
	}
	key := driver.quote + o.Key + driver.quote
	// On lines of its own: a comment at the end of the query would take the parenthesis along.
	table := "(\n" + strings.TrimRight(o.Query, "; \t\r\n") + "\n) legacy_rows"
	from := "SELECT * FROM " + table
	if o.Page == 0 {
		o.Page = sqlPage
	}
	end := " ORDER BY " + key + " LIMIT " + strconv.Itoa(o.Page)
	r := &sqlReader{
		ctx:   ctx,
		db:    db,
		key:   -1,
		size:  o.Page,
		first: from + end,
		page:  from + " WHERE " + key + " > " + driver.placeholder + end,
		count: "SELECT count(*), count(DISTINCT " + key + ") FROM " + table,

		unordered: driver.unordered,
	}
	if err := r.open(); err != nil {
		db.Close()
		return nil, err
	}
	for i, name := range r.columns {
		if name == o.Key {
			r.key = i
		}
	}
	if r.key < 0 {
		r.Close()
		return nil, fmt.Errorf("la clé %q n’est pas une colonne de la requête", o.Key)
	}
	if err := r.checkKey(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// checkKey counts as the database compares: by a collation that is blind to case, "A1" and "a1" are one key.
func (r *sqlReader) checkKey() error {
	key := r.columns[r.key]
	if kind := r.types[r.key]; slices.Contains(r.unordered, kind) {
		return fmt.Errorf("%w : la clé %q est de type %s, que la base ne compare pas comme elle le trie : nommez dans « key » une colonne de nombres ou de texte", ErrUnreadable, key, kind)
	}
	var different int64
	if err := r.db.QueryRowContext(r.ctx, r.count).Scan(&r.all, &different); err != nil {
		return fmt.Errorf("%w : le décompte des lignes échoue : %w", ErrUnreadable, err)
	}
	if different != r.all {
		return fmt.Errorf("%w : la clé %q est vide ou répétée (%d lignes, %d valeurs différentes) : des lignes se perdraient entre deux pages ; nommez dans « key » une colonne unique, la clé primaire par exemple", ErrUnreadable, key, r.all, different)
	}
	return nil
}

func (r *sqlReader) Columns() []string { return r.columns }

func (r *sqlReader) Close() error {
	if r.rows != nil {
		r.rows.Close()
	}
	return r.db.Close()
}

// open asks for the page after the last key.
func (r *sqlReader) open() (err error) {
	if r.line == 0 {
		r.rows, err = r.db.QueryContext(r.ctx, r.first)
	} else {
		r.rows, err = r.db.QueryContext(r.ctx, r.page, r.last)
	}
	if err != nil {
		return fmt.Errorf("%w : la requête échoue : %w", ErrUnreadable, err)
	}
	r.got = 0
	if r.columns == nil {
		if r.columns, err = r.rows.Columns(); err == nil {
			r.types, err = typesOf(r.rows)
		}
	}
	return err
}

// typesOf are the types of the columns.
func typesOf(rows *sql.Rows) ([]string, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.DatabaseTypeName()
	}
	return names, nil
}

func (r *sqlReader) Next() (Record, error) {
	for !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return Record{}, fmt.Errorf("%w : la base a interrompu la lecture : %w", ErrUnreadable, err)
		}
		r.rows.Close()
		if r.got < r.size {
			return Record{}, r.end()
		}
		if err := r.open(); err != nil {
			return Record{}, err
		}
	}
	values := make([]any, len(r.columns))
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := r.rows.Scan(targets...); err != nil {
		return Record{}, fmt.Errorf("%w : %w", ErrUnreadable, err)
	}
	if r.line++; r.line > r.all {
		if err := r.more(); err != nil {
			return Record{}, err
		}
	}
	record := Record{Line: r.line, Fields: make([]string, len(values))}
	size := 0
	for i, v := range values {
		values[i] = typed(v, r.types[i])
		record.Fields[i] = text(values[i])
		size += len(record.Fields[i])
	}
	if size > MaxRecordBytes {
		return Record{}, unreadable(r.line, "plus de %d octets : ne demandez que les colonnes utiles", MaxRecordBytes)
	}
	if values[r.key] == nil {
		return Record{}, unreadable(r.line, "la clé est nulle : la suite de la lecture en dépend")
	}
	return record, r.advance(values[r.key])
}

// typed mends what a driver gives otherwise than the database holds it: a number of single precision widened (1.1 to
// 1.100000023841858), and MySQL's bits as bytes, which a WHERE would compare as a text and find no greater than any number.
func typed(v any, kind string) any {
	switch v := v.(type) {
	case float64:
		if kind == "FLOAT4" {
			return float32(v)
		}
	case []byte:
		if kind == "BIT" && len(v) <= 8 {
			return binary.BigEndian.Uint64(append(make([]byte, 8-len(v)), v...))
		}
	}
	return v
}

// advance remembers the key that the next page comes after. The first row of a page has another key than the last one of the page
// before it, or the pages would never end.
func (r *sqlReader) advance(key any) error {
	// MySQL gives text as bytes, which a WHERE would compare as a binary string: give it back as text.
	if b, ok := key.([]byte); ok {
		key = string(b)
	}
	if r.got++; r.got == 1 && r.line > 1 && key == r.last {
		return unreadable(r.line, "la clé %q n’avance pas : la base ne compare pas ce type comme elle le trie ; nommez dans « key » une colonne de nombres ou de texte", r.columns[r.key])
	}
	r.last = key
	return nil
}

// more counts again when there are more rows than were counted: some came meanwhile, or the same ones come again.
func (r *sqlReader) more() error {
	if err := r.checkKey(); err != nil {
		return err
	}
	if r.line > r.all {
		return fmt.Errorf("%w : plus de lignes lues que les %d de la requête : des lignes reviennent, ou la base change pendant la lecture ; recommencez", ErrUnreadable, r.all)
	}
	return nil
}

// end is io.EOF once every row that was counted has been read. Rows that came meanwhile are welcome.
func (r *sqlReader) end() error {
	if r.line < r.all {
		return fmt.Errorf("%w : %d lignes lues sur %d : la base a changé pendant la lecture, recommencez", ErrUnreadable, r.line, r.all)
	}
	return io.EOF
}

// text writes a value as an export would. Bytes that are not UTF-8 become U+FFFD, which no account may hold: their row alone is rejected.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case []byte:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case time.Time:
		return v.Format(time.RFC3339)
	case bool:
		return strconv.FormatBool(v)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	default:
		return fmt.Sprint(v)
	}
}
