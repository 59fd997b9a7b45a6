package profile

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The same hash has several spellings: those of Unix, of directories, of Django, of passlib and of .NET are rewritten here as Kratos
// reads them. Nothing is computed, and nothing guessed: what does not say its algorithm is not a hash.

// respelled is a hash as Kratos reads it, or "" when it is none that Kratos can compare with. A spelling may hold another one, as a
// directory's {CRYPT} does.
func respelled(s string) string {
	for range 3 {
		if s == "" || validHash(s) {
			return s
		}
		s = respell(s)
	}
	return ""
}

// respell writes a hash by the first spelling that fits; "" when none does.
func respell(s string) string {
	for _, spell := range spellings {
		if found := spell.form.FindStringSubmatch(s); found != nil {
			return spell.write(found[1:])
		}
	}
	return ""
}

// spellings in the order in which they are tried; the first whose form fits is the one.
var spellings = []struct {
	form  *regexp.Regexp
	write func(groups []string) string
}{
	// Unix crypt, bare or in a directory's {CRYPT}; Dovecot names the kind of crypt.
	{regexp.MustCompile(`^\$1\$(.*)$`), func(g []string) string { return "$md5-crypt$" + g[0] }},
	{regexp.MustCompile(`^\$5\$(.*)$`), func(g []string) string { return "$sha256-crypt$" + g[0] }},
	{regexp.MustCompile(`^\$6\$(.*)$`), func(g []string) string { return "$sha512-crypt$" + g[0] }},
	{regexp.MustCompile(`^(?i:\{(?:CRYPT|BCRYPT|BLF-CRYPT|MD5-CRYPT|SHA256-CRYPT|SHA512-CRYPT|ARGON2|ARGON2I|ARGON2ID)\})(\$.*)$`), func(g []string) string { return g[0] }},
	// Directories: salted digests and plain ones.
	{regexp.MustCompile(`^(?i:\{SSHA(256|512)?\})([A-Za-z0-9+/]+)=*$`), func(g []string) string { return saltedDigest("sha"+g[0], g[1]) }},
	{regexp.MustCompile(`^(?i:\{SHA(1|256|512)?\})([A-Za-z0-9+/]+)=*$`), func(g []string) string { return bareValue("sha"+g[0], g[1]) }},
	{regexp.MustCompile(`^(?i:\{SMD5\})([A-Za-z0-9+/]+)=*$`), func(g []string) string { return saltedDigest("md5", g[0]) }},
	{regexp.MustCompile(`^(?i:\{MD5\})([A-Za-z0-9+/]+)=*$`), func(g []string) string { return bareValue("md5", g[0]) }},
	// OpenLDAP's pw-pbkdf2 and passlib.
	{regexp.MustCompile(`^(?i:\{PBKDF2(?:-SHA(1|256|512))?\})([0-9]+)\$([^$]*)\$([^$]*)$`), passlib},
	{regexp.MustCompile(`^\$pbkdf2(?:-sha(1|256|512))?\$([0-9]+)\$([^$]*)\$([^$]*)$`), passlib},
	// Kratos's own forms with too much padding, or too little; scrypt with the logarithm of its cost, as in its PHC form.
	{regexp.MustCompile(`^(\$argon2id?\$v=19\$m=\d+,t=\d+,p=\d+)\$([^$]*)\$([^$]*)$`), func(g []string) string { return g[0] + "$" + unpadded(g[1]) + "$" + unpadded(g[2]) }},
	{regexp.MustCompile(`^(\$pbkdf2-sha\d+\$i=\d+,l=\d+)\$([^$]*)\$([^$]*)$`), func(g []string) string { return g[0] + "$" + unpadded(g[1]) + "$" + unpadded(g[2]) }},
	{regexp.MustCompile(`^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]*)\$([^$]*)$`), func(g []string) string { return scryptOf(g, base64ed(g[3]), base64ed(g[4])) }},
	// 389 Directory Server and FreeIPA: iterations, salt and hash in one value.
	{regexp.MustCompile(`^\{PBKDF2_SHA256\}([A-Za-z0-9+/]{432})$`), func(g []string) string {
		value := base64ed(g[0])
		return pbkdf2Of("sha256", int(binary.BigEndian.Uint32(value)), value[4:68], value[68:])
	}},
	// Nextcloud puts a number before.
	{regexp.MustCompile(`^[1-3]\|(\$.*)$`), func(g []string) string { return g[0] }},
	// Django.
	{regexp.MustCompile(`^pbkdf2_sha(1|256|512)\$([0-9]+)\$([^$]*)\$([^$]*)$`), func(g []string) string { return pbkdf2Of("sha"+g[0], number(g[1]), []byte(g[2]), base64ed(g[3])) }},
	{regexp.MustCompile(`^argon2(\$argon2id?\$.*)$`), func(g []string) string { return g[0] }},
	{regexp.MustCompile(`^bcrypt\$(\$2.*)$`), func(g []string) string { return g[0] }},
	{regexp.MustCompile(`^scrypt\$(\d+)\$([^$]*)\$(\d+)\$(\d+)\$([^$]*)$`), func(g []string) string {
		return scryptOf([]string{g[0], g[2], g[3]}, []byte(g[1]), base64ed(g[4]))
	}},
	{regexp.MustCompile(`^(?:unsalted_)?(md5|sha1)\$([^$]*)\$([0-9a-fA-F]+)$`), func(g []string) string { return digestOf(g[0], "{SALT}{PASSWORD}", []byte(g[1]), hexed(g[2])) }},
	// Flask (Werkzeug).
	{regexp.MustCompile(`^pbkdf2:sha(1|256|512):(\d+)\$([^$]*)\$([0-9a-f]+)$`), func(g []string) string { return pbkdf2Of("sha"+g[0], number(g[1]), []byte(g[2]), hexed(g[3])) }},
	{regexp.MustCompile(`^scrypt:(\d+):(\d+):(\d+)\$([^$]*)\$([0-9a-f]+)$`), func(g []string) string { return scryptOf(g, []byte(g[3]), hexed(g[4])) }},
	// ASP.NET Core Identity.
	{regexp.MustCompile(`^(A[A-Za-z0-9+/]{60,}={0,2})$`), func(g []string) string { return dotNet(base64ed(g[0])) }},
}

// saltedDigest is a directory's value: the digest, and the salt that was hashed after the password. Kratos knows it when it is SHA and
// there is a salt.
func saltedDigest(algorithm, text string) string {
	value, size := base64ed(text), digestBytes[algorithm]
	if len(value) < size {
		return ""
	}
	if len(value) > size && algorithm != "md5" {
		return "{S" + strings.ToUpper(strings.TrimSuffix(algorithm, "1")) + "}" + base64.StdEncoding.EncodeToString(value)
	}
	if algorithm == "sha" {
		algorithm = "sha1"
	}
	return digestOf(algorithm, "{PASSWORD}{SALT}", value[size:], value[:size])
}

// bareValue is a directory's value without a salt.
func bareValue(algorithm, text string) string {
	if len(base64ed(text)) != digestBytes[algorithm] {
		return ""
	}
	return saltedDigest(algorithm, text)
}

// digestOf writes a digest of a text made of salt and password.
func digestOf(algorithm, text string, salt, hash []byte) string {
	std := base64.StdEncoding.EncodeToString
	return "$" + algorithm + "$pf=" + std([]byte(text)) + "$" + std(salt) + "$" + std(hash)
}

func pbkdf2Of(algorithm string, iterations int, salt, hash []byte) string {
	raw := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$pbkdf2-%s$i=%d,l=%d$%s$%s", algorithm, iterations, len(hash), raw(salt), raw(hash))
}

// scryptOf writes scrypt with its parameters N, r and p. An N below 32 is the logarithm of one: nobody hashes with so little.
func scryptOf(parameters []string, salt, hash []byte) string {
	cost := number(parameters[0])
	if cost > 0 && cost < 32 {
		cost = 1 << cost
	}
	std := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("$scrypt$ln=%d,r=%s,p=%s$%s$%s", cost, parameters[1], parameters[2], std(salt), std(hash))
}

// passlib writes PBKDF2 with dots for plus signs; without a name it is SHA-1.
func passlib(g []string) string {
	algorithm := "sha" + g[0]
	if g[0] == "" {
		algorithm = "sha1"
	}
	plus := strings.NewReplacer(".", "+")
	return pbkdf2Of(algorithm, number(g[1]), base64ed(plus.Replace(g[2])), base64ed(plus.Replace(g[3])))
}

// dotNet is the value of ASP.NET Core Identity: version 2 is PBKDF2 with SHA-1, 1000 iterations and 16 bytes of salt; version 3 tells its
// own parameters.
func dotNet(value []byte) string {
	switch {
	case len(value) == 49 && value[0] == 0:
		return pbkdf2Of("sha1", 1000, value[1:17], value[17:])
	case len(value) < 13 || value[0] != 1:
		return ""
	}
	algorithm, iterations, salt := binary.BigEndian.Uint32(value[1:]), binary.BigEndian.Uint32(value[5:]), binary.BigEndian.Uint32(value[9:])
	name := map[uint32]string{0: "sha1", 1: "sha256", 2: "sha512"}[algorithm]
	if name == "" || int64(salt) > int64(len(value)-13) {
		return ""
	}
	return pbkdf2Of(name, int(iterations), value[13:13+salt], value[13+salt:])
}

// base64ed reads base64 in any of its spellings; nil for what is none.
func base64ed(text string) []byte {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

func unpadded(text string) string { return base64.RawStdEncoding.EncodeToString(base64ed(text)) }

func hexed(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

// bareDigest is a digest that does not say its algorithm.
var bareDigest = regexp.MustCompile(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$`)

// noPassword tells what stores write for an account that no password opens.
func noPassword(s string) bool {
	if s == "" {
		return false
	}
	alone := slices.ContainsFunc([]string{"x", "NP", "LK", "{CRYPT}!", "{CRYPT}*"}, func(none string) bool { return strings.EqualFold(s, none) })
	return alone || s[0] == '!' || s[0] == '*'
}

// hashFault is the code of why a text is no hash that Kratos can compare with.
func hashFault(s string) string {
	switch {
	case noPassword(s):
		return CodeHashNone
	case bareDigest.MatchString(s):
		return CodeHashForm
	}
	return CodeHash
}
