package importer_test

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/md4" //lint:ignore SA1019 Kratos logs in with hmac-md4, and the import carries it
	"golang.org/x/crypto/scrypt"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
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

// spelledHashes are the same password as other programs write it. Each was made by the program that is named, not by this repository.
var spelledHashes = map[string]string{
	// Django 3.2 (its own hashers); scrypt as Django 4.0 writes it, by Python's hashlib.
	"Django pbkdf2_sha256": "pbkdf2_sha256$1000$selselsel$GaGurvV5ut/In5HVTaIe6MZnhlIYKkw7ZOCK9E9jSTk=",
	"Django pbkdf2_sha1":   "pbkdf2_sha1$1000$selselsel$/YTBDI1Ut7XSAVtwPp4cnDmHVK0=",
	"Django argon2":        "argon2$argon2id$v=19$m=1024,t=1,p=1$c2Vsc2Vsc2Vs$FLz73ZF+iSX4kP1Bco48lA",
	"Django bcrypt":        "bcrypt$$2b$04$2F/m4I1JFNDtQrMyLcHG1edrKbTidwVnkt84yhV4FSM1eTxQVUete",
	"Django scrypt":        "scrypt$1024$selselsel$8$1$fHgAGbxuxJoraU5EE61fKgmmIEQW5pWblGEm+4ZrF4sk+lp1wcaiSPQePb1a+GXnp7nHmEU1L2Kdg0mJyMQcKw==",
	"Django md5":           "md5$selselsel$c08c24e330ca8ff6ee140d926938bb4e",
	"Django sha1":          "sha1$knL8kPmfnjR8$3350dd00e7c5242a44c5282ea2cbfa52c6751f4f",
	// passlib 1.7, for Unix, directories and its own forms.
	"passlib pbkdf2":        "$pbkdf2$1000$K6X0ntM6J6TUGqOUspYSIg$cVCTwIv3HFBKmR9PmpFYbK5BSnU",
	"passlib pbkdf2-sha256": "$pbkdf2-sha256$1000$c.6dMybEmHNOqRXC.P8fww$/WWmkxW1vvG1fkOo1.Rs8QVFBkS1DOQIcRa0KTPKJBY",
	"passlib pbkdf2-sha512": "$pbkdf2-sha512$1000$5hzDeC/FOAeg1Nq71/pf6w$oV13nHsmYvAiC/mCNk2V0ACdWrw7gNDs6YBVHAh6FNQsXi3IqKFuzNhBr37js9eAGG10iVKfptr63BM0yq1ihA",
	"passlib scrypt":        "$scrypt$ln=10,r=8,p=1$611LiXFuTYkxJoQw5pzT2g$dd86r+PNy8f1z0+VfyCp/Vv9fH+HvS7LthubNJz48C4",
	"$1$":                   "$1$cUOjCB4Z$QqR9WIClXDPhtltqbU14C/",
	"$1$ without salt":      "$1$$/e5VWkvOiPIaFOfweh2oD0", // openssl passwd
	"$5$ with rounds":       "$5$rounds=1000$S2xOGUls21/.K2rS$XOd/oLE.ibJjk/D93zw24wy2WrVO49V9EHE0xp5tAZ6",
	"$6$":                   "$6$Ol35mK98BP6e2Esh$Gqe9y1N4iCkSAsjnAEjUu9.128qTS/C68WgOa5pcrGpdQOpxr31KZ.TYVCudxIass7FboBEtDmX30MsCjv6V9/",
	"{CRYPT}$6$":            "{CRYPT}$6$uJgYIxuKDGXofvyQ$.yRPQ8avOCSa/qajnhqwf//yjhiiDEZgmI4XJawKdDifD4EJ4xUW5r8KSL0062h3bDoUPHKphzLERImzFKV19.",
	"{crypt}$1$":            "{crypt}$1$4RvDF0e3$6D.8BrdxFNDWVuA6aYKIF/",
	"{CRYPT}$2b$":           "{CRYPT}$2b$04$7G2XRCXxKN5MBKf1HCJcXeWnUBhOue5PVoPBgfe.DuAdNr5MNnZjm",
	"{ssha}":                "{ssha}umzobcRD5SamwiHnAfNJBPvT33G8VwrB",
	"{SHA}":                 "{SHA}Do3M5c24RE2D18ZjDh3LFC3h/vo=",
	"{MD5}":                 "{MD5}fyPMqiJs4f5WXrzltYa/nw==",
	"{SMD5}":                "{SMD5}f+Qb9MYYgJfpIZuXEHWMpTjHuBc=",
	"{SSHA256} unpadded":    "{SSHA256}Hru/GlvFEMueXZJpAL02FccyPvabIxDAkXLR2bwcsI8a47z3XislhA",
	"{PBKDF2}":              "{PBKDF2}1000$oXQOISSE8D4HIEQohRAihA$dDwXDPHc8RH7y58hhuLL4YlozLw",
	"{PBKDF2-SHA256}":       "{PBKDF2-SHA256}1000$onROCQGgtBaitPY.x7jX2g$5C4Tswde909UnXksQj.nPa79sbkIXGRtdW9C5yRkhzY",
	"{PBKDF2-SHA512}":       "{PBKDF2-SHA512}1000$gFCK0fpfK2UshbA2hlCKMQ$xVDJnLGVQbJmdpedNVHbtDgjsgg767VONawALtJdXKf50cIYNEy8IOL5c7uF7kLLSSwhwZNjtqtXUjhWunppNg",
	"{ARGON2}":              "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$aS0FwHhvDeHcu3eOkZLSGg$Gd+4NGXZU7gKmirDD13bEw",
	// The bytes of 389 Directory Server, and Nextcloud's number before PHP's hash.
	"389 DS":    "{PBKDF2_SHA256}AAAIAAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8VEQXhy0T5zJTdSyzr6L0YIxOIO+T/mytpH26SsLFJ+jJA7ZjPiVvAzu3pTSFoFTdHJ39ePfOuphdlzNFp7vJcBiIp6iLvbhJfuX8X03wcxy2CtWaA2C81mSnFNyUNwRrc5EOsI+ZCRdGxkS4txFTPLLRda7K4tvhTi67xvzPThPDJ+CVSZ74tA3D/B4lqtZxWUw7eFtMgC+Yv9X+LSC14t9mZifLwi6gXyQVKDPvUtNhsSyAne25pv4Y0lQkbK2rH2tq90ZHkRzgxOZ354YzEJG3xGszd+leB2Ye2t6SVSl1dnfsIHWAJ+fsRKbBVr0y1KADZ2klEzz7Invr5kofF",
	"Nextcloud": "3|$argon2id$v=19$m=1024,t=1,p=1$eG9wTkh1U05vRnhyS1VaVQ$/7cvVyNJu+N2IBXjvRcNF1/GhSbihSCq7kIfs3mNRmo",
	// Werkzeug 2 (Flask); scrypt as Werkzeug 3 writes it, by hashlib.
	"Flask pbkdf2": "pbkdf2:sha256:1000$Nhb99Q5TAKbkhqTx$a0e5f4eed3f345e6a599bfd523b8f8659a868a3314d6f376805b82ba2397f309",
	"Flask scrypt": "scrypt:1024:8:1$selselsel$7c780019bc6ec49a2b694e4413ad5f2a09a6204416e6959b946126fb866b178b24fa5a75c1c6a248f41e3dbd5af865e7a7b9c79845352f629d834989c8c41c2b",
	// The bytes of ASP.NET Core Identity, by hashlib.
	".NET version 3": "AQAAAAEAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg/10Tb+MqvW5T1PDubvxrMItD0hM7Tp4ttN0s1+xp8L9A==",
	".NET version 2": "AAABAgMEBQYHCAkKCwwNDg94gvUGCmp9SNtRR3oYAgP3rf0SuTEKoork86kkTSYnzA==",
	// PHP 8.2's password_hash.
	"PHP bcrypt":          "$2y$04$Mi6StyHqAIcBkQo29hzFe.Eiogjhd055Mrz.DpMsmICFc1uMMUKI.",
	"PHP argon2id":        "$argon2id$v=19$m=1024,t=1,p=1$eG9wTkh1U05vRnhyS1VaVQ$/7cvVyNJu+N2IBXjvRcNF1/GhSbihSCq7kIfs3mNRmo",
	"argon2id, padded":    "$argon2id$v=19$m=1024,t=1,p=1$eG9wTkh1U05vRnhyS1VaVQ==$/7cvVyNJu+N2IBXjvRcNF1/GhSbihSCq7kIfs3mNRmo=",
	"argon2id, 8 of salt": "$argon2id$v=19$m=1024,t=1,p=1$c2Vsc2Vsc2U=$S+SI785tdxi4idCu+x/xYefsLXVVYAJ9sClUsxmIHww=", // argon2-cffi
	// Kratos's own spellings, by hashlib and hmac: short and empty salts, md5 and hmac, which have forms of their own.
	"pbkdf2, 3 of salt":    "$pbkdf2-sha256$i=1000,l=32$c2Vs$ust6ktHmSZmcBVPgeGojQVDmzQifYCPp6OPiXc6eapc",
	"pbkdf2, no salt":      "$pbkdf2-sha256$i=1000,l=32$$NgYdCkdaUWklCb7nATJsIJAst1ETqqys3547k9PHlRI",
	"scrypt, no salt":      "$scrypt$ln=1024,r=8,p=1$$V6eZUfSjfOZnMTiWFvAfiOG6aC53vJZdca5eqdEZBP4=",
	"md5":                  "$md5$" + base64Of("7f23ccaa226ce1fe565ebce5b586bf9f"),
	"md5 of salt and text": "$md5$pf=e1NBTFR9e1BBU1NXT1JEfQ==$c2Vs$" + base64Of("fe22545055ddfa5118f67a04e0e6ee79"),
	"md5, empty salt":      "$md5$pf=e1NBTFR9e1BBU1NXT1JEfQ==$$" + base64Of("7f23ccaa226ce1fe565ebce5b586bf9f"),
	"sha1, empty salt":     "$sha1$pf=e1BBU1NXT1JEfQ==$$" + base64Of("0e8dcce5cdb8444d83d7c6630e1dcb142de1fefa"),
	"hmac-md5":             hmacOf("md5", "b9d5d9f29fa011181f4036bb8b721784"),
	"hmac-sha1":            hmacOf("sha1", "6572fb490bdd50450d537014cad2e841d6dd0038"),
	"hmac-sha224":          hmacOf("sha224", "14b547c0fbcd565804a0d893e5654b5da9599b681bea326316ff63da"),
	"hmac-sha256":          hmacOf("sha256", "145b5304a8b8db1adaf2d8d4dbed8833a3d554569c879584005579dfdaf64907"),
	"hmac-sha384":          hmacOf("sha384", "17671e816420c915f6f4daa1cf5ea4d4d83274737a4ca1ffc163630da348abd65541df1465226946fe6bceaa09e18f02"),
	"hmac-sha512":          hmacOf("sha512", "502c5c9a02f254078f37ec2df95f526f689447ed2ee58ef98d407bca0554752bc52d247d9a8a6a758b0b79febc65b8893eacd9ff53f7a12cc4ac56e7df144f4e"),
}

func base64Of(digest string) string {
	b, err := hex.DecodeString(digest)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// hmacOf is Kratos's form of a digest under a key: it encodes the hexadecimal text.
func hmacOf(algorithm, digest string) string {
	std := base64.StdEncoding.EncodeToString
	return "$hmac-" + algorithm + "$" + std([]byte(digest)) + "$" + std([]byte("cle de l application"))
}

// firebaseHash is the published example of Firebase's scrypt (github.com/firebase/scrypt), with its password.
const (
	firebasePassword = "user1password"
	firebaseHash     = "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==" +
		"$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
)

// Every format that we let pass is one with which a person can log in afterwards: Kratos itself looks at the prefix alone, and would
// say nothing before that.
func TestEveryHashFormat(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	hashes, names := hashesOf(t), []string{}
	maps.Copy(hashes, spelledHashes)
	md4 := hmac.New(md4.New, []byte("cle de l application"))
	md4.Write([]byte(oldPassword))
	hashes["hmac-md4"] = hmacOf("md4", hex.EncodeToString(md4.Sum(nil)))
	hashes["firescrypt"] = firebaseHash
	var text strings.Builder
	text.WriteString("id;mail;hash\n")
	for name, hash := range hashes {
		names = append(names, name)
		fmt.Fprintf(&text, "%d;p%d@mairie.example.test;%s\n", len(names), len(names), hash)
	}
	path := filepath.Join(t.TempDir(), "hashes.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, k.AdminURL, path)
	o.Profile = hashProfile()
	if s := mustRun(t, o); s.Balance != (journal.Balance{Read: len(hashes), Created: len(hashes)}) {
		t.Errorf("balance %s: %s\n%s", show(s.Balance), show(s.Reasons), readLines(t, filepath.Join(o.Dir, importer.RejectedFile)))
	}
	for i, name := range names {
		address, password := fmt.Sprintf("p%d@mairie.example.test", i+1), oldPassword
		if name == "firescrypt" {
			password = firebasePassword
		}
		if _, ok := k.Login(t, address, password); !ok {
			t.Errorf("%s: the old password does not open the account", name)
		}
		if _, ok := k.Login(t, address, "un autre mot de passe"); ok {
			t.Errorf("%s: another password opens the account", name)
		}
	}
}

// What Kratos cannot compare with rejects its row with the true reason, or is dropped where the profile says so: the person resets.
func TestHashesThatKratosDoesNotKnow(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	rows := map[string]string{
		"$P$53R5VOgwzKmHP735wcWPgwnucY5zyH/":                        profile.CodeHash, // WordPress before 6.8
		"$wp$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZd":  profile.CodeHash, // WordPress since 6.8
		"$S$DxVn7wubSRzoK9X2pkGx4njeDRkLEgdqPphc2ZXkkb8Viy8JEGf3":   profile.CodeHash, // Drupal 7
		"bcrypt_sha256$$2b$12$OyzITySWG8EEQgEyaBbbF./1eP66uckQHXFZ": profile.CodeHash,
		"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9": profile.CodeHash, // yescrypt
		"{CRYPT}ab0JTNRkXcJWw":                                      profile.CodeHash, // DES
		"7f23ccaa226ce1fe565ebce5b586bf9f":                          profile.CodeHashForm,
		"!":                                                         profile.CodeHashNone,
		"*":                                                         profile.CodeHashNone,
		"!$6$Ol35mK98BP6e2Esh$Gqe9y1N4":                             profile.CodeHashNone,
	}
	var text strings.Builder
	text.WriteString("id;mail;hash\n")
	want := map[string]int{}
	for hash, code := range rows {
		want[code]++
		fmt.Fprintf(&text, "%[1]d;p%[1]d@mairie.example.test;%[2]s\n", text.Len(), hash)
	}
	path := filepath.Join(t.TempDir(), "hashes.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, k.AdminURL, path)
	o.Profile = hashProfile()
	s := mustRun(t, o)
	got := map[string]int{}
	for _, r := range s.Reasons {
		got[r.Code] += r.Count
	}
	if !maps.Equal(got, want) {
		t.Errorf("rejected %v, want %v", got, want)
	}
	o.Profile.PasswordHash.Invalid = "drop"
	o.Dir = filepath.Join(t.TempDir(), "drop")
	s = mustRun(t, o)
	if s.Balance.Created != len(rows) || s.Dropped["hash"] != len(rows) {
		t.Errorf("dropped: %s", show(s))
	}
}
