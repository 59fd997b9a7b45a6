package profile

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
)

// hashFormats are the password hashes that Kratos v1.3.1 and v26.2.0 both import. Kratos looks at the prefix alone and fails at the
// person's first login; here the whole form is checked. The form's group is a cost, and most bounds it: a hash made to take minutes
// would stop the login page. The last parts are in an encoding in which Kratos reads them.
var hashFormats = []struct {
	form     *regexp.Regexp
	most     int
	parts    int
	encoding *base64.Encoding
}{
	{regexp.MustCompile(`^\$2[abzy]?\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$`), 16, 0, nil},
	{regexp.MustCompile(`^\$argon2id?\$v=19\$m=([0-9]{1,7}),t=[0-9]{1,2},p=[0-9]{1,2}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,172}$`), 1 << 20, 2, base64.RawStdEncoding},
	{regexp.MustCompile(`^\$pbkdf2-sha(?:1|256|512)\$i=([0-9]{1,7}),l=[0-9]{1,3}\$[A-Za-z0-9+/]{8,172}\$[A-Za-z0-9+/]{16,172}$`), 5_000_000, 2, base64.RawStdEncoding},
	{regexp.MustCompile(`^\$scrypt\$ln=(?:1024|2048|4096|8192|16384|32768|65536|131072),r=[0-9]{1,2},p=[0-9]{1,2}\$[A-Za-z0-9+/=]{8,172}\$[A-Za-z0-9+/=]{16,172}$`), 0, 2, base64.StdEncoding},
	{regexp.MustCompile(`^\{SSHA\}[A-Za-z0-9+/]{28,200}={0,2}$`), 0, 1, base64.StdEncoding},
	{regexp.MustCompile(`^\{SSHA256\}[A-Za-z0-9+/]{43,200}={0,2}$`), 0, 1, base64.StdEncoding},
	{regexp.MustCompile(`^\{SSHA512\}[A-Za-z0-9+/]{86,300}={0,2}$`), 0, 1, base64.StdEncoding},
	{regexp.MustCompile(`^\$sha256-crypt\$(?:rounds=([0-9]{4,7})\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}$`), 1_000_000, 0, nil},
	{regexp.MustCompile(`^\$sha512-crypt\$(?:rounds=([0-9]{4,7})\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}$`), 1_000_000, 0, nil},
	{regexp.MustCompile(`^\$md5-crypt\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}$`), 0, 0, nil},
	{regexp.MustCompile(`^\$sha(?:1|256|512)\$pf=[A-Za-z0-9+/=]{4,200}\$[A-Za-z0-9+/=]{4,200}\$[A-Za-z0-9+/=]{28,100}$`), 0, 2, base64.StdEncoding},
}

// validHash tells a password hash that Kratos can compare with.
func validHash(s string) bool {
	for _, format := range hashFormats {
		found := format.form.FindStringSubmatch(s)
		if found == nil {
			continue
		}
		if format.most > 0 && found[1] != "" {
			if cost, err := strconv.Atoi(found[1]); err != nil || cost > format.most {
				return false
			}
		}
		return decodes(s, format.parts, format.encoding)
	}
	return false
}

// decodes tells whether the last parts of a hash are whole in their encoding.
func decodes(s string, parts int, encoding *base64.Encoding) bool {
	all := strings.FieldsFunc(s, func(r rune) bool { return r == '$' || r == '}' })
	for _, part := range all[len(all)-parts:] {
		if _, err := encoding.Strict().DecodeString(part); err != nil {
			return false
		}
	}
	return true
}
