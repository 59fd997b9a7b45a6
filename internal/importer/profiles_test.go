package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"efpconnect.example/config"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/profiles"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// knownStore is a small export of a kind of store, in the form that its source or documentation gives it.
type knownStore struct {
	form    string // where the form is from
	file    string // in testdata/stores; or
	tables  string // the statements that make the store's tables in MariaDB
	change  func(string) string
	people  map[string]string // address → password that opens the account; "" where nobody's does
	dropped int               // people whose hash is not one that Kratos knows
	states  map[string]string // address → state, where it is not active
	reasons int               // rows that are no people
}

const resets = "" // the person has no password to carry

var knownStores = map[string]knownStore{
	"keycloak": {
		form: "keycloak/keycloak, server-spi/…/credential/dto/PasswordCredentialData.java and crypto/default/…/Argon2PasswordHashProvider.java; https://www.keycloak.org/server/importExport",
		file: "keycloak.json",
		people: map[string]string{"sha256@example.test": oldPassword, "sha512@example.test": oldPassword, "sha1@example.test": oldPassword, "argon2@example.test": oldPassword,
			"bcrypt@example.test": oldPassword, "ancien@example.test": oldPassword, "federe@example.test": resets},
		states: map[string]string{"federe@example.test": "inactive"}, reasons: 1,
	},
	"auth0": {
		form:   "https://auth0.com/docs/manage-users/user-migration/bulk-user-exports, joined as docs/migration/auth0.md says",
		file:   "auth0.ndjson",
		people: map[string]string{"zoe@example.test": oldPassword, "noel@example.test": resets},
		states: map[string]string{"noel@example.test": "inactive"},
	},
	"firebase": {
		form:   "firebase/firebase-tools, src/accountExporter.ts; the hash is the example of github.com/firebase/scrypt",
		file:   "firebase.json",
		people: map[string]string{"zoe@example.test": firebasePassword, "noel@example.test": resets},
		states: map[string]string{"noel@example.test": "inactive"},
	},
	"django": {
		form: "https://docs.djangoproject.com/en/stable/topics/serialization/ and topics/auth/passwords/; hashes by Django 3.2",
		file: "django.json",
		people: map[string]string{"pbkdf2@example.test": oldPassword, "argon2@example.test": oldPassword, "bcrypt@example.test": oldPassword, "scrypt@example.test": oldPassword,
			"inutilisable@example.test": resets, "prehache@example.test": resets},
		dropped: 2, states: map[string]string{"inutilisable@example.test": "inactive"},
	},
	"wordpress": {
		form: "WordPress/WordPress, wp-admin/includes/schema.php and wp-includes/pluggable.php (wp_hash_password)",
		tables: `CREATE TABLE wp_users (ID bigint unsigned PRIMARY KEY AUTO_INCREMENT, user_login varchar(60), user_pass varchar(255), user_email varchar(100));
			CREATE TABLE wp_usermeta (umeta_id bigint unsigned PRIMARY KEY AUTO_INCREMENT, user_id bigint unsigned, meta_key varchar(255), meta_value longtext);
			INSERT INTO wp_users VALUES (1, 'zoe', '` + spelledHashes["PHP bcrypt"] + `', 'zoe@example.test'), (2, 'noel', '$P$53R5VOgwzKmHP735wcWPgwnucY5zyH/', 'noel@example.test'),
				(3, 'lea', '$wp$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy', 'lea@example.test');
			INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (1, 'first_name', 'Zoé'), (1, 'last_name', 'Serve'), (2, 'nickname', 'no')`,
		people:  map[string]string{"zoe@example.test": oldPassword, "noel@example.test": resets, "lea@example.test": resets},
		dropped: 2,
	},
	"ldif": {
		form:    "RFC 2849; openldap, slapcat(8) and contrib/slapd-modules/passwd; hashes by passlib's ldap_* handlers",
		file:    "annuaire.ldif",
		people:  map[string]string{"ssha@example.test": oldPassword, "crypt@example.test": oldPassword, "pbkdf2@example.test": oldPassword, "des@example.test": resets},
		dropped: 1,
	},
	"active-directory": {
		form:   "RFC 2849; [MS-ADTS] 2.2.16 (userAccountControl) and [MS-DTYP] 2.3.4 (GUID)",
		file:   "active-directory.ldif",
		people: map[string]string{"zoe@example.test": resets, "noel@example.test": resets},
		states: map[string]string{"noel@example.test": "inactive"},
	},
	"drupal": {
		form: "drupal/drupal, core/modules/user/src/Entity/User.php (base fields) and core/lib/Drupal/Core/Password",
		tables: `CREATE TABLE users_field_data (uid int unsigned, langcode varchar(12), mail varchar(254), pass varchar(255), name varchar(60), status tinyint, default_langcode tinyint, PRIMARY KEY (uid, langcode));
			INSERT INTO users_field_data VALUES (0, 'fr', NULL, NULL, '', 0, 1), (1, 'fr', 'zoe@example.test', '` + spelledHashes["PHP bcrypt"] + `', 'zoe', 1, 1), (1, 'en', 'zoe@example.test', '', 'zoe', 1, 0),
				(2, 'fr', 'noel@example.test', '$S$DxVn7wubSRzoK9X2pkGx4njeDRkLEgdqPphc2ZXkkb8Viy8JEGf3', 'noel', 0, 1)`,
		people:  map[string]string{"zoe@example.test": oldPassword, "noel@example.test": resets},
		dropped: 1, states: map[string]string{"noel@example.test": "inactive"},
	},
	"symfony": {
		form:   "symfony/password-hasher 5.4, Hasher/NativePasswordHasher.php; hashes made by it",
		file:   "symfony.csv",
		people: map[string]string{"zoe@example.test": oldPassword, "lea@example.test": oldPassword, "noel@example.test": resets}, dropped: 1,
		states: map[string]string{"noel@example.test": "inactive"},
	},
	"laravel": {
		form: "laravel/laravel, database/migrations/0001_01_01_000000_create_users_table.php; hash by PHP's password_hash",
		tables: `CREATE TABLE users (id bigint unsigned PRIMARY KEY AUTO_INCREMENT, name varchar(255), email varchar(255), email_verified_at timestamp NULL, password varchar(255), remember_token varchar(100));
			INSERT INTO users VALUES (1, 'Zoé Serve', 'zoe@example.test', '2024-01-01 00:00:00', '` + spelledHashes["PHP bcrypt"] + `', NULL), (2, 'Noël', 'noel@example.test', NULL, '` + spelledHashes["PHP argon2id"] + `', NULL)`,
		people: map[string]string{"zoe@example.test": oldPassword, "noel@example.test": oldPassword},
	},
	"aspnet": {
		form:   "dotnet/aspnetcore, src/Identity/Extensions.Core/src/PasswordHasher.cs",
		file:   "aspnet.csv",
		people: map[string]string{"zoe@example.test": oldPassword, "noel@example.test": oldPassword},
	},
}

// Each profile that is given away has its page, which the manual leads to.
func TestStorePages(t *testing.T) {
	manual := readLines(t, "../../docs/migration.md")
	for _, name := range profiles.Names() {
		if name == profiles.Example {
			continue
		}
		page := readLines(t, filepath.Join("../../docs/migration", name+".md"))
		for _, want := range []string{"profile --from " + name + " ", "import-accounts check", "import-accounts run"} {
			if !strings.Contains(page, want) {
				t.Errorf("docs/migration/%s.md has no %q", name, want)
			}
		}
		if !strings.Contains(manual, "(migration/"+name+".md)") {
			t.Errorf("docs/migration.md does not lead to the page of %s", name)
		}
	}
}

// Each profile that is given away brings in the people of such a store, with the passwords that Kratos can compare.
func TestKnownStores(t *testing.T) {
	for _, name := range profiles.Names() {
		if name == profiles.Example {
			continue // every other test runs it
		}
		store, ok := knownStores[name]
		if !ok {
			t.Errorf("no export of %s to try its profile with", name)
			continue
		}
		t.Run(name, func(t *testing.T) { store.try(t, name) })
	}
}

func (store knownStore) try(t *testing.T, name string) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	o := options(t, k.AdminURL, "")
	o.Profile = known(t, name, store.change)
	t.Setenv("FIREBASE_SIGNER_KEY", strings.Split(firebaseHash, "$")[6])
	if store.file != "" {
		o.Input = filepath.Join("testdata", "stores", store.file)
	} else {
		dsn, db := databases()["mysql"](t)
		for statement := range strings.SplitSeq(store.tables, ";") {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("LEGACY_DSN", dsn)
	}
	s := mustRun(t, o)
	if s.Balance.Created != len(store.people) || s.Balance.Rejected != store.reasons || s.Dropped[o.Profile.PasswordHash.Column] != store.dropped {
		t.Fatalf("%s\nwant %d people, %d rows that are none, %d without their password", show(s), len(store.people), store.reasons, store.dropped)
	}
	accounts, _ := everybody(t, k)
	for _, account := range accounts {
		want := store.states[account.Traits.Email]
		if want == "" {
			want = "active"
		}
		if account.State != want {
			t.Errorf("%s is %s, want %s", account.Traits.Email, account.State, want)
		}
		password, ok := store.people[account.Traits.Email]
		if !ok {
			t.Errorf("%s is nobody of the store", account.Traits.Email)
		}
		if _, opened := k.Login(t, account.Traits.Email, oldPassword); opened != (password == oldPassword) {
			t.Errorf("%s: the old password opens the account: %v", account.Traits.Email, opened)
		}
		if password == firebasePassword {
			if _, opened := k.Login(t, account.Traits.Email, password); !opened {
				t.Errorf("%s: its password does not open the account", account.Traits.Email)
			}
		}
	}
	again := mustRun(t, o)
	if again.Balance.Already != len(store.people) {
		t.Errorf("the same export again: %s", show(again.Balance))
	}
}

// known is the profile that `import-accounts profile` writes, changed as an operator may.
func known(t *testing.T, name string, change func(string) string) *profile.Profile {
	t.Helper()
	text, err := profiles.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		text = []byte(change(string(text)))
	}
	p, err := profile.Parse(text, config.IdentitySchema())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A salt in a column of its own, as old Symfony applications and others have it. Hashes by symfony/password-hasher 5.4 and hashlib.
func TestSaltColumn(t *testing.T) {
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	cases := []struct{ hash, salt, settings string }{
		{"q4L9Yg4s9MOhjjdTv2WFGQ0Vyu5w0G+PWwOw2C5xXKzrqfQohJvG8w==", "31415926seldesymfony", "form: pbkdf2-sha512, iterations: 1000"},
		{"yc6mvQ9757MMJ4/gYPsAs79qIqy3AAr4JxtlXWnsrLtycIKvNHRbpZrlwgMrVprs22iRP56Ab8W6fbSr/xAuwg==", "31415926seldesymfony", `form: sha512, pattern: "{PASSWORD}{{SALT}}"`},
		{"1b440c31da0bab03a1a9604d5145d059e6882a56", "31415926seldesymfony", `form: sha1, pattern: "{PASSWORD}{{SALT}}"`},
		{"FE22545055DDFA5118F67A04E0E6EE79", "sel", "form: md5"},
		{"fe22545055ddfa5118f67a04e0e6ee79", "73656c", "form: md5, salt_encoding: hex"},
		{"fe22545055ddfa5118f67a04e0e6ee79", "c2Vs", "form: md5, salt_encoding: base64"},
		{"1ee9a55272adc391085cd0fabf6e9cfda1be2525930c408d210c02b0fda2ee4c", "sel", "form: sha256"},
		{"eebaa31410e8023759f33c58dd7fd2c0e80d2699a10f18b55bdcaea123c75de8", "", "form: sha256"},
		{"145b5304a8b8db1adaf2d8d4dbed8833a3d554569c879584005579dfdaf64907", "", "form: hmac-sha256, key_env: EFP_TEST_PEPPER"},
		{spelledHashes["PHP bcrypt"], "inutile", "form: md5"}, // a store that has changed its ways
	}
	t.Setenv("EFP_TEST_PEPPER", "cle de l application")
	for i, c := range cases {
		path := filepath.Join(t.TempDir(), "x.csv")
		text := fmt.Sprintf("id;mail;hash;salt\n1;p%d@example.test;%s;%s\n", i, c.hash, c.salt)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := options(t, k.AdminURL, path)
		var err error
		o.Profile, err = profile.Parse(fmt.Appendf(nil, "version: 1\nsource: sel-%d\nformat: csv\nid: {column: id}\ntraits: {email: {column: mail}}\npassword_hash: {column: hash, salt: salt, %s}\n", i, c.settings), config.IdentitySchema())
		if err != nil {
			t.Fatal(err)
		}
		if s := mustRun(t, o); s.Balance.Created != 1 {
			t.Errorf("%s: %s", c.settings, show(s))
			continue
		}
		if _, ok := k.Login(t, fmt.Sprintf("p%d@example.test", i), oldPassword); !ok {
			t.Errorf("%s: the password does not open the account", c.settings)
		}
	}
}
