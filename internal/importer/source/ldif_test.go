package source_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"testing/iotest"

	"efpconnect.example/internal/importer/source"
)

// RFC 2849 by its own means: comments, folded lines, base64, several values, options, other classes, CRLF.
const directory = `# extended LDIF
version: 1

# an organizational unit
dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
ou: people

dn: uid=zoe,ou=people,dc=example,dc=test
objectClass: top
objectClass: inetOrgPerson
uid: zoe
mail: zoe@mairie.
 example.test
MAIL: deux@mairie.example.test
givenName:: Wm/DqQ==
# a comment that is
 folded: not=an attribute
sn:   Lef
 èvre
cn;lang-fr: Zoé L
userPassword:: e1NTSEF9SkZaRnMwb0h6eGJNd2tTSm1ZVmVJOE1uVER5LzI3NmE=
jpegPhoto:: /9j/4AAQSkZJRgABAQAAAQABAAD/
objectGUID:: AQIDBAUGBwgJCgsMDQ4PEA==
description:< file:///etc/hostname

dn:: dWlkPW5vZcOrbCxkYz1leGFtcGxl
objectclass: INETORGPERSON
uid: noel
mail: noel@mairie.example.test

search: 2
result: 0 Success
# numResponses: 3
`

func TestLDIF(t *testing.T) {
	columns := []string{"uid", "mail", "mail[1]", "givenName", "SN", "userPassword", "jpegPhoto", "objectGUID", "dn", "cn;lang-fr", "description"}
	want := []string{
		"9:zoe|zoe@mairie.example.test|deux@mairie.example.test|Zoé|Lefèvre|{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a|/9j/4AAQSkZJRgABAQAAAQABAAD/|04030201-0605-0807-090a-0b0c0d0e0f10|uid=zoe,ou=people,dc=example,dc=test|Zoé L|",
		"27:noel|noel@mairie.example.test|||||||uid=noeël,dc=example||",
	}
	for _, text := range []string{directory, strings.ReplaceAll(directory, "\n", "\r\n"), strings.TrimRight(directory, "\n"), directory + "\n\n\n"} {
		o := source.LDIFOptions{Encoding: "utf-8", ObjectClass: "inetOrgPerson", Columns: columns}
		r, err := source.NewLDIF(iotest.OneByteReader(strings.NewReader(text)), nopCloser{}, o)
		if rows, end := readAll(t, r, err); strings.Join(rows, "\n") != strings.Join(want, "\n") || end != "" {
			t.Errorf("%s %s\nwant %s", strings.Join(rows, "\n"), end, strings.Join(want, "\n"))
		}
	}
}

// An entry that cannot be read costs itself; what is no export of entries is said.
func TestLDIFFaults(t *testing.T) {
	const zoe = "dn: uid=zoe\nuid: zoe\n\n"
	cases := map[string]struct{ text, rows, end string }{
		"bad base64":              {zoe + "dn: uid=b\nuid:: **\n\n" + zoe, "1:zoe 4:!« uid » n’est pas du base64 bien écrit 7:zoe", ""},
		"no colon":                {zoe + "dn: uid=b\nuid: b\nrubbish\n\n" + zoe, "1:zoe 4:b!a une ligne sans attribut 8:zoe", ""},
		"no dn":                   {zoe + "uid: b\n", "1:zoe 4:b!est une entrée sans dn", ""},
		"none of the attributes":  {zoe + "dn: ou=x\nou: x\n", "1:zoe 4:!n’a aucun des attributs que nomme le profil", ""},
		"folded into nothing":     {zoe + " x\ndn: uid=b\nuid: b\n", "1:zoe 4:b!a une ligne sans attribut", ""},
		"changes":                 {"dn: uid=zoe\nchangetype: modify\nreplace: mail\nmail: x\n-\n", "", "LDIF de modifications"},
		"additions":               {"dn: uid=zoe\nchangetype: add\nuid: zoe\n", "1:zoe", ""},
		"an attribute nobody has": {"dn: uid=zoe\nmail: x\n", "1:!n’a aucun des attributs que nomme le profil", "aucune ligne n’a : uid"},
		"an entry too large":      {zoe + "dn: uid=b\n" + strings.Repeat("a: "+strings.Repeat("x", 1000)+"\n", 1100), "1:zoe", "plus de 1048576 octets"},
		"a line too large":        {zoe + "dn: uid=b\na: " + strings.Repeat("x", 1<<21), "1:zoe", "plus de 1048576 octets"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := source.NewLDIF(strings.NewReader(c.text), nopCloser{}, source.LDIFOptions{Encoding: "utf-8", Columns: []string{"uid"}})
			rows, end := readAll(t, r, err)
			if got := strings.Join(rows, " "); got != c.rows || !strings.Contains(end, c.end) || (c.end == "") != (end == "") {
				t.Errorf("%q %q, want %q %q", got, end, c.rows, c.end)
			}
		})
	}
}

// Entries of another class alone are no success of nobody: the export lacks objectClass, or the profile names another one.
func TestLDIFWithoutPeople(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\n\ndn: uid=a\nuid: a\n\ndn: uid=b\nuid: b\n":           "aucune des entrées (2) n’est un objectClass: person",
		"dn: uid=a\nuid: a\nobjectClass: person\n\ndn: ou=x\nou: x\n":      "",
		"dn: uid=a\nuid: a\nobjectClass: top\nobjectClass: posixAccount\n": "objectClass: person",
		"version: 1\n\ndn: dc=x\nuid: x\nobjectClass: PERSON\n":            "",
	} {
		r, err := source.NewLDIF(strings.NewReader(text), nopCloser{}, source.LDIFOptions{Encoding: "utf-8", ObjectClass: "person", Columns: []string{"uid"}})
		if _, end := readAll(t, r, err); !strings.Contains(end, want) || (want == "") != (end == "") {
			t.Errorf("%q: %q, want %q", text, end, want)
		}
	}
}

func FuzzLDIF(f *testing.F) {
	f.Add([]byte(directory))
	f.Add([]byte("dn: x\n y\n z\n\n dn:: eA==\n:\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := source.NewLDIF(bytes.NewReader(text), nopCloser{}, source.LDIFOptions{Encoding: "utf-8", Columns: []string{"dn", "uid[2]"}})
		drain(t, r, err)
	})
}

// Any value written in base64, as directories do for all that is not plain ASCII, comes back as it was when it is text.
func FuzzLDIFValue(f *testing.F) {
	f.Add("Zoé")
	f.Add(" {CRYPT}$6$x")
	f.Fuzz(func(t *testing.T, value string) {
		text := "dn: x\nuid:: " + base64.StdEncoding.EncodeToString([]byte(value)) + "\n"
		r, err := source.NewLDIF(strings.NewReader(text), nopCloser{}, source.LDIFOptions{Encoding: "utf-8", Columns: []string{"uid"}})
		if err != nil {
			t.Fatal(err)
		}
		record, err := r.Next()
		if got := record.Fields[0]; err != nil || got != value && got != base64.StdEncoding.EncodeToString([]byte(value)) {
			t.Errorf("%q, %v; want %q", got, err, value)
		}
	})
}
