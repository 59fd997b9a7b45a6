package profile

import (
	"testing"

	"efpconnect.example/internal/importer/source"
)

// A hash that looks like one, and with which Kratos would let anybody in, or nobody, or panic at a login.
func TestBrokenHashes(t *testing.T) {
	const salt, raw32 = "c2FsdHNhbHRzYWx0c2FsdA", "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"
	const pf, digest20 = "e1NBTFR9e1BBU1NXT1JEfQ==", "VisQoT2uwjVvTtwqlwQK+hLxNno="
	cases := map[string]struct {
		hash  string
		sound bool
	}{
		"argon2id":                             {"$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + raw32, true},
		"argon2id, no pass":                    {"$argon2id$v=19$m=65536,t=0,p=1$" + salt + "$" + raw32, false},
		"argon2id, no lane":                    {"$argon2id$v=19$m=65536,t=1,p=0$" + salt + "$" + raw32, false},
		"argon2id, no memory":                  {"$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + raw32, false},
		"argon2id, less memory than its lanes": {"$argon2id$v=19$m=8,t=1,p=99$" + salt + "$" + raw32, false},
		"argon2id, minutes":                    {"$argon2id$v=19$m=1048576,t=99,p=1$" + salt + "$" + raw32, false},
		"scrypt":                               {"$scrypt$ln=16384,r=8,p=1$" + salt + "==$" + raw32 + "=", true},
		"scrypt, r=0":                          {"$scrypt$ln=16384,r=0,p=1$" + salt + "==$" + raw32 + "=", false},
		"scrypt, p=0":                          {"$scrypt$ln=16384,r=8,p=0$" + salt + "==$" + raw32 + "=", false},
		"scrypt, gigabytes":                    {"$scrypt$ln=131072,r=99,p=99$" + salt + "==$" + raw32 + "=", false},
		"pbkdf2":                               {"$pbkdf2-sha256$i=1000,l=32$" + salt + "$" + raw32, true},
		"pbkdf2, l=0":                          {"$pbkdf2-sha256$i=1000,l=0$" + salt + "$" + raw32, false},
		"pbkdf2, another length":               {"$pbkdf2-sha256$i=1000,l=16$" + salt + "$" + raw32, false},
		"pbkdf2-sha384: SHA-3 for Kratos":      {"$pbkdf2-sha384$i=1000,l=32$" + salt + "$" + raw32, false},
		"pbkdf2, no iteration":                 {"$pbkdf2-sha256$i=0,l=32$" + salt + "$" + raw32, false},
		"sha256":                               {"$sha256$pf=" + pf + "$" + salt + "==$" + raw32 + "=", true},
		"sha256 of the salt alone":             {"$sha256$pf=e1NBTFR9$" + salt + "==$" + raw32 + "=", false},
		"sha256 of a constant":                 {"$sha256$pf=YWJjZA==$" + salt + "==$" + raw32 + "=", false},
		"sha256 with the digest of a sha1":     {"$sha256$pf=" + pf + "$" + salt + "==$" + digest20, false},
		"sha1":                                 {"$sha1$pf=" + pf + "$" + salt + "==$" + digest20, true},
		"md5 without its password":             {"$md5$pf=e1NBTFR9$" + salt + "==$ICEiIyQlJicoKSorLC0uLw==", false},
		"md5 of another length":                {"$md5$" + digest20, false},
		"hmac in capitals":                     {"$hmac-md5$QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=$a2V5", false},
		"hmac of another length":               {"$hmac-sha1$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=$a2V5", false},
		"hmac":                                 {"$hmac-md5$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=$a2V5", true},
		"firescrypt":                           {"$firescrypt$ln=14,r=8,p=1$" + salt + "==$" + raw32 + "=$Bw==$" + raw32 + "=", true},
		"firescrypt, gigabytes":                {"$firescrypt$ln=20,r=99,p=1$" + salt + "==$" + raw32 + "=$Bw==$" + raw32 + "=", false},
		"firescrypt, a key of another length":  {"$firescrypt$ln=14,r=8,p=1$" + salt + "==$" + raw32 + "=$Bw==$" + salt + "==", false},
		"SSHA256 without a salt":               {"{SSHA256}" + raw32 + "=", false},
		"SSHA512 with the digest of a SSHA256": {"{SSHA512}" + raw32 + "=", false},
		"sha512-crypt, one round":              {"$sha512-crypt$rounds=0001$saltsalt$ZIHACh5R8fVUF6hwdUkcXGxP.Agpce3HO6EgCy.dfVGdatcVLArEy.w9CIlvHInybARZDeLQYmrD346xR1szr/", false},
		"sha512-crypt, 5000 rounds":            {"$sha512-crypt$rounds=5000$saltsalt$ZIHACh5R8fVUF6hwdUkcXGxP.Agpce3HO6EgCy.dfVGdatcVLArEy.w9CIlvHInybARZDeLQYmrD346xR1szr/", true},
	}
	for name, c := range cases {
		if validHash(c.hash) != c.sound {
			t.Errorf("%s: passes %v, want %v", name, !c.sound, c.sound)
		}
	}
}

// No text passes for a hash that is longer than any real one, or that a log or a spreadsheet would stumble over.
func FuzzHash(f *testing.F) {
	for _, hash := range []string{
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a",
		"$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$c2FsdHNhbHRzYWx0c2FsdA", "$sha512-crypt$rounds=5000$a$b", "$scrypt$ln=1024,r=8,p=1$AAAAAAAA$AAAAAAAAAAAAAAAA", "$", "}",
	} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !validHash(s) {
			return
		}
		if len(s) > 700 || (s[0] != '$' && s[0] != '{') {
			t.Errorf("%q passes", s)
		}
		for _, r := range s {
			if r <= ' ' || r > '~' {
				t.Errorf("%q passes", s)
			}
		}
	})
}

// A hash that is spelled anew is one that Kratos can compare with, and stays as it is when it is spelled again.
func FuzzRespelled(f *testing.F) {
	for _, hash := range []string{
		"$6$sel$x", "{CRYPT}{CRYPT}$1$a$b", "pbkdf2_sha256$1000$sel$GaGurvV5ut/In5HVTaIe6MZnhlIYKkw7ZOCK9E9jSTk=", "scrypt$1024$s$8$1$eHg=", "{SSHA}umzobcRD5SamwiHnAfNJBPvT33G8VwrB",
		"AQAAAAEAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg/10Tb+MqvW5T1PDubvxrMItD0hM7Tp4ttN0s1+xp8L9A==", "AQAAAAEAAAPo/////wABAgMEBQYHCAkKCwwNDg/10Tb+MqvW5T1PDubvxrMItD0hM7Tp4ttN0s1+xp8L9A==", "$scrypt$ln=31,r=8,p=1$$eHh4eHh4eHh4eHh4",
	} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := respelled(s)
		if once != "" && (!validHash(once) || respelled(once) != once) {
			t.Errorf("%q becomes %q", s, once)
		}
	})
}

// Keycloak's JSON comes from a file: whatever it holds, it is a sound hash or none.
func FuzzKeycloakHash(f *testing.F) {
	f.Add(`[{"type":"password","secretData":"{\"value\":\"eHg=\",\"salt\":\"\"}","credentialData":"{\"hashIterations\":1,\"algorithm\":\"pbkdf2\"}"}]`)
	f.Add(`{"secretData":{"value":1},"credentialData":"{\"algorithm\":\"argon2\",\"additionalParameters\":{\"type\":[\"d\"]}}"}`)
	f.Fuzz(func(t *testing.T, s string) {
		h := &hasher{PasswordHash: PasswordHash{Form: formKeycloak}, salt: -1}
		if hash, code := h.read(source.Record{Fields: []string{s}}); hash != "" && !validHash(hash) || hash != "" && code != "" {
			t.Errorf("%q, %s", hash, code)
		}
	})
}
