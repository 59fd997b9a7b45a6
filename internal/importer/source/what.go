package source

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// What people hand over for a CSV file and is none. Each is named, with what to do: the operator has one sentence, not a row of faults.

// peekBytes is how much of a file is looked at.
const peekBytes = 64 << 10

// otherFiles are kinds of files by the bytes they begin with, or have at a place. The first that fits is the one.
var otherFiles = []struct {
	at     int
	magic  string
	within string // what the beginning of the file holds besides; "" for nothing
	says   string
}{
	{0, "PK\x03\x04", "xl/workbook.bin", "c’est un classeur Excel binaire (.xlsb) : ouvrez-le, et enregistrez-le en .xlsx (format: xlsx)"},
	{0, "PK\x03\x04", "xl/", "c’est un classeur Excel (.xlsx) : écrivez format: xlsx"},
	{0, "PK\x03\x04", "word/", "c’est un document Word : exportez les comptes en CSV"},
	{0, "PK\x03\x04", "opendocument.spreadsheet", "c’est un classeur LibreOffice (.ods) : enregistrez la feuille en .xlsx (format: xlsx) ou en CSV"},
	{0, "PK\x03\x04", "", "c’est une archive zip : décompressez-la (unzip) et donnez le fichier qu’elle contient"},
	{0, "PK\x05\x06", "", "c’est une archive zip vide"},
	{0, "BZh", "1AY&SY", "c’est un fichier bzip2 : décompressez-le (bunzip2) et donnez le résultat"},
	{0, "7z\xbc\xaf\x27\x1c", "", "c’est une archive 7z : décompressez-la (7z x) et donnez le fichier qu’elle contient"},
	{0, "\xfd7zXZ\x00", "", "c’est un fichier xz : décompressez-le (unxz) et donnez le résultat"},
	{0, "\x28\xb5\x2f\xfd", "", "c’est un fichier zstd : décompressez-le (unzstd) et donnez le résultat"},
	{0, "Rar!\x1a\x07", "", "c’est une archive rar : décompressez-la (unrar x) et donnez le fichier qu’elle contient"},
	{0, "\x1f\x8b", "", "c’est un fichier gzip dans un autre : décompressez-le une fois (gunzip) et donnez le résultat"},
	{257, "ustar", "", "c’est une archive tar : extrayez-la (tar -xf) et donnez le fichier qu’elle contient"},
	{0, "SQLite format 3\x00", "", "c’est une base SQLite : écrivez format: sql et driver: sqlite, et donnez son chemin dans la variable de sql.dsn_env"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "E\x00n\x00c\x00r\x00y\x00p\x00t", "c’est un classeur Excel protégé par un mot de passe : retirez la protection, et enregistrez-le en .xlsx"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "c’est un ancien fichier Office (.xls) ou un classeur protégé par un mot de passe : ouvrez-le, et enregistrez-le sans protection en .xlsx (format: xlsx) ou en CSV"},
	{0, "\x09\x08\x10\x00\x00\x06\x05\x00", "", "c’est un ancien classeur Excel (.xls) : ouvrez-le, et enregistrez-le en .xlsx (format: xlsx) ou en CSV"},
	{0, "\x00\x01\x00\x00Standard ", "", "c’est une base Access : exportez-en la table des comptes en CSV"},
	{0, "PGDMP", "", "c’est une sauvegarde de PostgreSQL (pg_dump -Fc) : restaurez-la dans une base, et lisez celle-ci avec format: sql"},
	{0, "%PDF-", "", "c’est un PDF : demandez l’export en CSV"},
	{0, "{\\rtf", "", "c’est un document RTF : demandez l’export en CSV"},
	{0, "PAR1", "", "c’est un fichier Parquet : exportez-le en CSV ou en JSON"},
	{0, "Obj\x01", "", "c’est un fichier Avro : exportez-le en CSV ou en JSON"},
}

// otherFile is an error for a file that holds no text.
func otherFile(b *bufio.Reader) error {
	head, _ := b.Peek(peekBytes)
	for _, kind := range otherFiles {
		if len(head) > kind.at && bytes.HasPrefix(head[kind.at:], []byte(kind.magic)) && bytes.Contains(head, []byte(kind.within)) {
			return fmt.Errorf("%w : %s", ErrUnreadable, kind.says)
		}
	}
	if isBSON(head) {
		return fmt.Errorf("%w : c’est une sauvegarde de MongoDB (mongodump) : exportez la collection en JSON avec mongoexport", ErrUnreadable)
	}
	return nil
}

// isBSON tells documents of MongoDB one after the other: each begins with its size, and its first member is the _id.
func isBSON(head []byte) bool {
	return len(head) >= 16 && head[3] == 0 && head[4] != 0 && bytes.HasPrefix(head[5:], []byte("_id\x00"))
}

// notText is an error for a file of no kind that is known above, and in which too many bytes are no characters of any encoding.
func notText(b *bufio.Reader) error {
	head, _ := b.Peek(peekBytes)
	controls := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			controls++
		}
	}
	if controls < 8 || controls*50 < len(head) {
		return nil
	}
	return fmt.Errorf("%w : c’est un fichier binaire, pas du texte : demandez l’export en CSV, ou donnez le fichier d’origine", ErrUnreadable)
}

// sqlStatements are those that begin a dump.
var sqlStatements = []string{
	`insert\s+into`, `replace\s+into`, `create\s+(table|database|schema|extension)`, `drop\s+(table|database)`, `alter\s+table`,
	`begin(\s+transaction)?\s*;\s*\n`, `start\s+transaction`, `pragma\s`, `lock\s+tables`, `use\s+(\S+;|\[)`,
	`set\s+[@\w.]+\s*(=|to\s|on\b|off\b)`, `set\s+identity_insert`,
	`copy\s+\S+\s*\(.*\)\s+from\s+stdin`, `\\connect`, `select\s+pg_catalog`,
}

// Texts of other formats, by how they begin once spaces and a byte order mark are gone.
var (
	htmlStart    = regexp.MustCompile(`(?i)^(<!doctype html|<html|<head|<meta|<body|<table|<div|<!--)`)
	mimeStart    = regexp.MustCompile(`(?i)^(mime-version|content-type|return-path|received|delivered-to): ?\S`)
	xmlStart     = regexp.MustCompile(`^<\?xml|^<[A-Za-z][\w:.-]*[\s>]`)
	sqlStart     = regexp.MustCompile(`(?i)^((--|#|rem )[^\n]*\n\s*|/\*.*?\*/;?\s*)*(` + strings.Join(sqlStatements, "|") + `)`)
	sqlDump      = regexp.MustCompile(`(?i)^(--|/\*)[^\n]*\n?[^\n]*(mysql dump|mariadb dump|postgresql database|phpmyadmin|sqlite)`)
	ldifAnywhere = regexp.MustCompile(`(?im)^dn::? ?\S`)
	ldifStart    = regexp.MustCompile(`(?i)^(#[^\n]*\n\s*)*(version: ?\d+\s+)?(#[^\n]*\n\s*)*dn::? ?\S`)
	jsonStart    = regexp.MustCompile(`^(\{\s*("|\})|\[\s*(\{|\[|\]))`)
)

// otherText is an error for a text that is not of the format it is read as: csv, fixed, json or ldif. It says what it is.
func otherText(b *bufio.Reader, format string) error {
	head, _ := b.Peek(peekBytes)
	head = bytes.TrimLeft(head, " \t\r\n")
	says := ""
	switch {
	case bytes.Contains(head[:min(len(head), 4096)], []byte("urn:schemas-microsoft-com:office:")) && bytes.HasPrefix(head, []byte("<")):
		says = "c’est un tableau d’Excel enregistré en page web ou en XML, parfois appelé .xls : ouvrez-le, et enregistrez-le en .xlsx (format: xlsx) ou en CSV"
	case htmlStart.Match(head):
		says = "c’est une page HTML, parfois appelée .xls ou rendue à la place d’un export (page de connexion ?) : demandez l’export en CSV"
	case mimeStart.Match(head):
		says = "c’est un message ou une page enregistrée (MIME, .mht) : ouvrez-le, et enregistrez le tableau en .xlsx (format: xlsx) ou en CSV"
	case xmlStart.Match(head):
		says = "c’est du XML : demandez l’export en CSV ou en JSON"
	case sqlStart.Match(head), sqlDump.Match(head):
		says = "c’est une sauvegarde SQL : chargez-la dans une base, et lisez celle-ci avec format: sql"
	case format != "ldif" && ldifStart.Match(head):
		says = "c’est du LDIF : écrivez format: ldif"
	case format != "json" && jsonStart.Match(head):
		says = "c’est du JSON : écrivez format: json"
	case format == "ldif" && len(head) > 0 && !ldifAnywhere.Match(head):
		says = "ce n’est pas du LDIF : aucune entrée ne commence par « dn: » (si le fichier a des colonnes, écrivez format: csv)"
	case format == "json" && len(head) > 0 && head[0] != '{' && head[0] != '[':
		says = "ce n’est pas du JSON : le fichier ne commence ni par { ni par [ (s’il a des colonnes, écrivez format: csv)"
	default:
		return nil
	}
	return fmt.Errorf("%w : %s", ErrUnreadable, says)
}
