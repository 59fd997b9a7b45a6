package importer_test

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

const oldPassword = "ancien mot de passe"

// hashesOf are the old password in each format that a profile may carry, as legacy stores write them.
func hashesOf(t *testing.T) map[string]string {
	t.Helper()
	made := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	salt, password := []byte(rand.Text()[:16]), []byte(oldPassword)
	raw, std := base64.RawStdEncoding.EncodeToString, base64.StdEncoding.EncodeToString
	salted := func(h hash.Hash) string {
		h.Write(append(append([]byte(nil), password...), salt...))
		return std(append(h.Sum(nil), salt...))
	}
	prefixed := func(h hash.Hash) string { // pf says in what order salt and password are hashed
		h.Write(append(append([]byte(nil), salt...), password...))
		return "$pf=" + std([]byte("{SALT}{PASSWORD}")) + "$" + std(salt) + "$" + std(h.Sum(nil))
	}
	return map[string]string{
		"bcrypt":        string(made(bcrypt.GenerateFromPassword(password, bcrypt.MinCost))),
		"bcrypt of PHP": strings.Replace(string(made(bcrypt.GenerateFromPassword(password, bcrypt.MinCost))), "$2a$", "$2y$", 1),
		"argon2id":      "$argon2id$v=19$m=1024,t=1,p=1$" + raw(salt) + "$" + raw(argon2.IDKey(password, salt, 1, 1024, 1, 32)),
		"argon2i":       "$argon2i$v=19$m=1024,t=1,p=1$" + raw(salt) + "$" + raw(argon2.Key(password, salt, 1, 1024, 1, 32)),
		"pbkdf2-sha1":   "$pbkdf2-sha1$i=1000,l=20$" + raw(salt) + "$" + raw(made(pbkdf2.Key(sha1.New, oldPassword, salt, 1000, 20))),
		"pbkdf2-sha256": "$pbkdf2-sha256$i=1000,l=32$" + raw(salt) + "$" + raw(made(pbkdf2.Key(sha256.New, oldPassword, salt, 1000, 32))),
		"pbkdf2-sha512": "$pbkdf2-sha512$i=1000,l=64$" + raw(salt) + "$" + raw(made(pbkdf2.Key(sha512.New, oldPassword, salt, 1000, 64))),
		"scrypt":        "$scrypt$ln=1024,r=8,p=1$" + std(salt) + "$" + std(made(scrypt.Key(password, salt, 1024, 8, 1, 32))),
		"SSHA":          "{SSHA}" + salted(sha1.New()),
		"SSHA256":       "{SSHA256}" + salted(sha256.New()),
		"SSHA512":       "{SSHA512}" + salted(sha512.New()),
		"sha1":          "$sha1" + prefixed(sha1.New()),
		"sha256":        "$sha256" + prefixed(sha256.New()),
		"sha512":        "$sha512" + prefixed(sha512.New()),
		// By `openssl passwd`, with the names that Kratos has for $1$, $5$ and $6$.
		"md5-crypt":    "$md5-crypt$saltsalt$JAf6vCsdGEz1rZDGxkgdU/",
		"sha256-crypt": "$sha256-crypt$saltsalt$Y3OusItQhIOPwvnPWjtDV0VPpXpg/YB.nVedNE6Siu0",
		"sha512-crypt": "$sha512-crypt$saltsalt$ZIHACh5R8fVUF6hwdUkcXGxP.Agpce3HO6EgCy.dfVGdatcVLArEy.w9CIlvHInybARZDeLQYmrD346xR1szr/",
	}
}

// Every format that we let pass is one with which a person can log in afterwards: Kratos itself looks at the prefix alone, and would
// say nothing before that.
func TestEveryHashFormat(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	hashes := hashesOf(t)
	var text strings.Builder
	text.WriteString("id;mail;hash\n")
	address := func(name string) string { return strings.ReplaceAll(name, " ", "-") + "@mairie.example.test" }
	for name, hash := range hashes {
		fmt.Fprintf(&text, "%s;%s;%s\n", name, address(name), hash)
	}
	path := filepath.Join(t.TempDir(), "hashes.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, k.AdminURL, path)
	o.Profile = hashProfile()
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: len(hashes), Created: len(hashes)}) {
		t.Errorf("balance %s: %s", show(s.Balance), show(s.Reasons))
	}
	for name := range hashes {
		if _, ok := k.Login(t, address(name), oldPassword); !ok {
			t.Errorf("%s: the old password does not open the account", name)
		}
	}
}
