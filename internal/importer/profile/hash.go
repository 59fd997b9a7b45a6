package profile

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// hashForms are the password hashes that Kratos v1.3.1 and v26.2.0 both log in with. Kratos looks at the prefix alone: with a broken one it
// fails or panics at the person's first login, or takes any password. Here the whole is checked: its form, and by sound what the form's
// groups hold. Costs are bounded: a hash made to take minutes would stop the login page.
//
// pbkdf2-sha224 and pbkdf2-sha384 are not among them: Kratos computes SHA-3 under these names, and other programs SHA-2.
var hashForms = []struct {
	form  *regexp.Regexp
	sound func(groups []string) bool
}{
	{regexp.MustCompile(`^\$2[abzy]?\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$`), func(g []string) bool { return number(g[0]) <= 16 }},
	{regexp.MustCompile(`^\$argon2id?\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{0,172})\$([A-Za-z0-9+/]{16,172})$`), argon2},
	{regexp.MustCompile(`^\$pbkdf2-sha(?:1|256|512)\$i=([0-9]{1,7}),l=([0-9]{1,3})\$([A-Za-z0-9+/]{0,344})\$([A-Za-z0-9+/]{16,344})$`), pbkdf2},
	{regexp.MustCompile(`^\$scrypt\$ln=([0-9]{1,7}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/=]{0,344})\$([A-Za-z0-9+/=]{16,172})$`), scrypt},
	{regexp.MustCompile(`^\$firescrypt\$ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/=]{0,172})\$([A-Za-z0-9+/=]{16,172})\$([A-Za-z0-9+/=]{0,64})\$([A-Za-z0-9+/=]{16,172})$`), firescrypt},
	{regexp.MustCompile(`^\{SSHA(|256|512)\}([A-Za-z0-9+/]{28,300}={0,2})$`), func(g []string) bool { return decoded(base64.StdEncoding, g[1]) > digestBytes["sha"+g[0]] }},
	{regexp.MustCompile(`^\$sha256-crypt\$(?:rounds=([0-9]{4,7})\$)?[./A-Za-z0-9]{0,16}\$[./A-Za-z0-9]{43}$`), rounds},
	{regexp.MustCompile(`^\$sha512-crypt\$(?:rounds=([0-9]{4,7})\$)?[./A-Za-z0-9]{0,16}\$[./A-Za-z0-9]{86}$`), rounds},
	{regexp.MustCompile(`^\$md5-crypt\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$`), func([]string) bool { return true }},
	{regexp.MustCompile(`^\$(md5|sha1|sha256|sha512)\$pf=([A-Za-z0-9+/=]{4,200})\$([A-Za-z0-9+/=]{0,344})\$([A-Za-z0-9+/=]{24,100})$`), plainDigest},
	{regexp.MustCompile(`^\$md5\$([A-Za-z0-9+/=]{24})$`), func(g []string) bool { return decoded(base64.StdEncoding, g[0]) == 16 }},
	{regexp.MustCompile(`^\$hmac-(md4|md5|sha1|sha224|sha256|sha384|sha512)\$([A-Za-z0-9+/=]{44,172})\$([A-Za-z0-9+/=]{0,344})$`), hmac},
}

// digestBytes are the lengths of digests, by the name of their algorithm.
var digestBytes = map[string]int{"md4": 16, "md5": 16, "sha": 20, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}

// validHash tells a password hash that Kratos can compare with.
func validHash(s string) bool {
	for _, format := range hashForms {
		if found := format.form.FindStringSubmatch(s); found != nil {
			return format.sound(found[1:])
		}
	}
	return false
}

// argon2 takes at most a gigabyte, and four passes over one.
func argon2(g []string) bool {
	memory, passes, lanes := number(g[0]), number(g[1]), number(g[2])
	return passes > 0 && lanes > 0 && memory >= 8*lanes && memory <= 1<<20 && memory*passes <= 1<<22 &&
		decoded(base64.RawStdEncoding, g[3]) >= 0 && decoded(base64.RawStdEncoding, g[4]) > 0
}

func pbkdf2(g []string) bool {
	iterations, length := number(g[0]), number(g[1])
	return iterations > 0 && iterations <= 5_000_000 && decoded(base64.RawStdEncoding, g[2]) >= 0 && decoded(base64.RawStdEncoding, g[3]) == length
}

func scrypt(g []string) bool {
	return scryptCost(number(g[0]), number(g[1]), number(g[2])) && decoded(base64.StdEncoding, g[3]) >= 0 && decoded(base64.StdEncoding, g[4]) > 0
}

// scryptCost takes a power of two, and at most half a gigabyte.
func scryptCost(cost, size, parallel int) bool {
	return cost > 1 && cost&(cost-1) == 0 && size > 0 && parallel > 0 && cost*size*parallel <= 1<<22
}

// firescrypt is Firebase's: the key of the project, which is as long as the hash, is encrypted with what scrypt makes of the password.
func firescrypt(g []string) bool {
	hash := decoded(base64.StdEncoding, g[4])
	return number(g[0]) <= 20 && scryptCost(1<<number(g[0]), number(g[1]), number(g[2])) && decoded(base64.StdEncoding, g[3]) >= 0 &&
		hash > 0 && decoded(base64.StdEncoding, g[5]) >= 0 && decoded(base64.StdEncoding, g[6]) == hash
}

// rounds are those of the Unix crypts, which know none below a thousand.
func rounds(g []string) bool { return g[0] == "" || number(g[0]) >= 1000 && number(g[0]) <= 1_000_000 }

// plainDigest is one of a text made of salt and password. A text without the password would let any password in.
func plainDigest(g []string) bool {
	text, err := base64.StdEncoding.Strict().DecodeString(g[1])
	return err == nil && strings.Contains(string(text), "{PASSWORD}") && decoded(base64.StdEncoding, g[2]) >= 0 && decoded(base64.StdEncoding, g[3]) == digestBytes[g[0]]
}

// hmac is a digest under a key, written in small hexadecimal and then in base64.
func hmac(g []string) bool {
	text, err := base64.StdEncoding.Strict().DecodeString(g[1])
	mac, notHex := hex.DecodeString(string(text))
	return err == nil && notHex == nil && len(mac) == digestBytes[g[0]] && strings.ToLower(string(text)) == string(text) && decoded(base64.StdEncoding, g[2]) >= 0
}

// number reads digits that the form has counted.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// decoded is how many bytes a text stands for, -1 when it is not whole in its encoding.
func decoded(encoding *base64.Encoding, text string) int {
	b, err := encoding.Strict().DecodeString(text)
	if err != nil {
		return -1
	}
	return len(b)
}
