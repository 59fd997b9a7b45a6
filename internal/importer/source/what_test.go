package source_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/internal/importer/source"
)

// archived is a zip of empty files of these names.
func archived(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(f, name)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "export.csv", Size: 1, Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "x")
	w.Close()
	return b.String()
}

func sqliteFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.sqlite")
	if _, err := open(t, "sqlite", path).Exec("CREATE TABLE usagers (id TEXT)"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func unbase64(text string) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// What people hand over and is no CSV file is named in one sentence, with what to do.
func TestOtherFiles(t *testing.T) {
	old := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	cases := map[string]struct{ file, says string }{
		"zip":                       {archived(t, "export.csv"), "archive zip : décompressez-la"},
		"xlsx":                      {archived(t, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), "format: xlsx"},
		"xlsb":                      {archived(t, "[Content_Types].xml", "xl/workbook.bin"), "Excel binaire (.xlsb)"},
		"docx":                      {archived(t, "[Content_Types].xml", "word/document.xml"), "document Word"},
		"ods":                       {archived(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "LibreOffice (.ods)"},
		"empty zip":                 {archived(t), "zip vide"},
		"bzip2":                     {unbase64("QlpoOTFBWSZTWSs+z38AAADAgAAQAEAgACEAgrF3JFOFCQKz7Pfw"), "bunzip2"},
		"7z":                        {"7z\xbc\xaf\x27\x1c\x00\x04", "archive 7z"},
		"xz":                        {"\xfd7zXZ\x00\x00\x04", "fichier xz"},
		"zstd":                      {"\x28\xb5\x2f\xfd\x04\x58", "fichier zstd"},
		"rar":                       {"Rar!\x1a\x07\x01\x00", "archive rar"},
		"gzip twice":                {string(gzipped(gzipped([]byte(people)))), "gzip dans un autre"},
		"tar.gz":                    {string(gzipped([]byte(tarred(t)))), "archive tar"},
		"SQLite":                    {sqliteFile(t), "base SQLite : écrivez format: sql"},
		"xls":                       {old, "ancien fichier Office (.xls)"},
		"xlsx with a password":      {old + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "protégé par un mot de passe"},
		"Access":                    {"\x00\x01\x00\x00Standard ACE DB\x00\x02", "base Access"},
		"pg_dump -Fc":               {"PGDMP\x01\x0e\x00", "pg_dump -Fc"},
		"PDF":                       {"%PDF-1.7\n%\xe2\xe3", "PDF"},
		"mongodump":                 {"\x2f\x00\x00\x00\x07_id\x00\x65\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", "mongoexport"},
		"a program":                 {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00>\x00\x01", "fichier binaire"},
		"a picture":                 {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00", "fichier binaire"},
		"HTML called .xls":          {"<html xmlns:o=\"urn:schemas-microsoft-com:office:office\">\n<table><tr><td>id</td></tr></table>", "tableau d’Excel"},
		"SpreadsheetML":             {"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "tableau d’Excel"},
		"a login page":              {"\ufeff\r\n<!DOCTYPE html>\n<title>Connexion</title>", "page HTML"},
		"a bare table":              {"<table border=1><tr><td>id", "page HTML"},
		"XML":                       {"<users><user id=\"1\"/></users>", "XML"},
		"mysqldump":                 {"-- MySQL dump 10.13  Distrib 8.0.36\n--\n-- Host: localhost\n", "sauvegarde SQL"},
		"mariadb-dump":              {"/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n", "sauvegarde SQL"},
		"pg_dump":                   {"--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n", "sauvegarde SQL"},
		"phpMyAdmin":                {"-- phpMyAdmin SQL Dump\n-- version 5.2.1\n", "sauvegarde SQL"},
		"sqlite .dump":              {"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "sauvegarde SQL"},
		"inserts":                   {"INSERT INTO `users` (`id`) VALUES\n(1, 'a;b');\n", "sauvegarde SQL"},
		"SQL Server":                {"USE [portail]\r\nGO\r\n/****** Object:  Table [dbo].[Users] ******/\r\nSET ANSI_NULLS ON\r\n", "sauvegarde SQL"},
		"SQL Server, a table":       {"/****** Object:  Table [dbo].[Users] ******/\r\nSET ANSI_NULLS ON\r\nGO\r\n", "sauvegarde SQL"},
		"Oracle":                    {"REM INSERTING into USAGERS\nSET DEFINE OFF;\nInsert into USAGERS (ID) values (1);\n", "sauvegarde SQL"},
		"a web archive":             {"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "page enregistrée"},
		"inserts after a comment":   {"# comptes\n/*!40101 SET NAMES utf8 */;\ncreate table users (id int);", "sauvegarde SQL"},
		"LDIF":                      {"dn: uid=a,dc=example,dc=test\nuid: a\n", "format: ldif"},
		"LDIF of ldapsearch":        {"# extended LDIF\n#\n# LDAPv3\n# base <dc=example> with scope subtree\n#\n\n# a, example\ndn:: dWlkPWE=\n", "format: ldif"},
		"LDIF of slapcat":           {"version: 1\n\ndn: dc=example\n", "format: ldif"},
		"JSON":                      {"[\n  {\"id\": 1}\n]", "format: json"},
		"JSON Lines":                {"{\"id\":1}\n", "format: json"},
		"UTF-16 JSON without a BOM": {"{\x00\"\x00i\x00d\x00\"\x00:\x001\x00}\x00", "format: json"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, encoding := range []string{"utf-8", "windows-1252"} {
				r, err := source.NewCSV(strings.NewReader(c.file), nopCloser{}, source.CSVOptions{Encoding: encoding})
				rows, end := readAll(t, r, err)
				if len(rows) > 0 || !strings.Contains(end, c.says) || strings.Contains(end, "\n") {
					t.Errorf("%d rows, %q, want %q", len(rows), end, c.says)
				}
			}
		})
	}
}

// A CSV file read as something else is named too; and what is a table is never taken for anything else.
func TestTablesAreTables(t *testing.T) {
	table := "id;nom\n1;a\n"
	r, err := source.NewJSON(strings.NewReader(table), nopCloser{}, source.JSONOptions{Encoding: "utf-8", Columns: []string{"id"}})
	if _, end := readAll(t, r, err); !strings.Contains(end, "format: csv") {
		t.Errorf("as JSON: %q", end)
	}
	r, err = source.NewLDIF(strings.NewReader(table), nopCloser{}, source.LDIFOptions{Encoding: "utf-8", Columns: []string{"id"}})
	if _, end := readAll(t, r, err); !strings.Contains(end, "format: csv") {
		t.Errorf("as LDIF: %q", end)
	}
	for _, titles := range []string{
		"dn;cn", "version;id", "{id};nom", "[id];nom", "\"{\";\"x\"", "select;from", "insert;into", "set;x", "use;x", "begin;end", "BZh;x", "PK;x", "--id;nom", "#id;nom",
		"GIF;x", "create;table", "drop;x", "update;x", "copy;x", "version: 1;x",
	} {
		r, err := source.NewCSV(strings.NewReader(titles+"\n1;a\n"), nopCloser{}, source.CSVOptions{Encoding: "utf-8"})
		if rows, end := readAll(t, r, err); len(rows) != 1 || end != "" {
			t.Errorf("%s: %d rows, %s", titles, len(rows), end)
		}
	}
}
