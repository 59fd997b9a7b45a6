package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
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
}{
	"postgres": {"pgx", `"`, "$1"},
	"mysql":    {"mysql", "`", "?"},
	"sqlite":   {"sqlite", `"`, "?"},
}

// SQLOptions say what to read from a database.
type SQLOptions struct {
	Driver string // postgres, mysql, sqlite
	DSN    string // secret
	Query  string // a SELECT without ORDER BY or LIMIT
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
	single  []bool // of columns: numbers of single precision, which a driver may widen: 1.1 to 1.100000023841858
	key     int    // index of the key in columns

	rows *sql.Rows
	last any   // key of the last row read
	got  int   // rows of the current page
	size int   // rows of a full page
	line int64 // rows in all
	all  int64 // rows that the query had when it began
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
	from := "SELECT * FROM (" + o.Query + ") legacy_rows"
	if o.Page == 0 {
		o.Page = sqlPage
	}
	end := " ORDER BY " + key + " LIMIT " + strconv.Itoa(o.Page)
	r := &sqlReader{ctx: ctx, db: db, key: -1, size: o.Page, first: from + end, page: from + " WHERE " + key + " > " + driver.placeholder + end}
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
	if err := r.checkKey("SELECT count(*), count(DISTINCT "+key+") FROM ("+o.Query+") legacy_rows", o.Key); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// checkKey counts as the database compares: by a collation that is blind to case, "A1" and "a1" are one key.
func (r *sqlReader) checkKey(query, key string) error {
	var different int64
	if err := r.db.QueryRowContext(r.ctx, query).Scan(&r.all, &different); err != nil {
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
			r.single, err = singles(r.rows)
		}
	}
	return err
}

// singles tells which columns hold numbers of single precision.
func singles(rows *sql.Rows) ([]bool, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	single := make([]bool, len(types))
	for i, t := range types {
		single[i] = t.DatabaseTypeName() == "FLOAT4"
	}
	return single, nil
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
	r.got++
	r.line++
	record := Record{Line: r.line, Fields: make([]string, len(values))}
	size := 0
	for i, v := range values {
		if wide, ok := v.(float64); ok && r.single[i] {
			v = float32(wide)
		}
		record.Fields[i] = text(v)
		size += len(record.Fields[i])
	}
	if size > MaxRecordBytes {
		return Record{}, unreadable(r.line, "plus de %d octets : ne demandez que les colonnes utiles", MaxRecordBytes)
	}
	if values[r.key] == nil {
		return Record{}, unreadable(r.line, "la clé est nulle : la suite de la lecture en dépend")
	}
	// MySQL gives text as bytes, which a WHERE would compare as a binary string: give it back as text.
	r.last = values[r.key]
	if b, ok := r.last.([]byte); ok {
		r.last = string(b)
	}
	return record, nil
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
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	default:
		return fmt.Sprint(v)
	}
}
