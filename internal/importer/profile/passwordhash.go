package profile

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"efpconnect.example/internal/importer/source"
)

// PasswordHash says where the password hashes of a store are, and what they are.
type PasswordHash struct {
	Column string `yaml:"column"`
	// Form is auto (default: the hash says its algorithm itself), keycloak (the list of credentials of an export), firebase, or the algorithm
	// of a digest that does not say it: one of hashAlgorithms.
	Form string `yaml:"form"`
	// Salt is the column of the salt, for a store that keeps it apart. Its SaltEncoding is text (default), hex or base64.
	Salt         string `yaml:"salt"`
	SaltEncoding string `yaml:"salt_encoding"`
	// Pattern is the text of which md5, sha1, sha256 and sha512 are the digest. Defaults to "{SALT}{PASSWORD}".
	Pattern string `yaml:"pattern"`
	// Iterations of pbkdf2.
	Iterations int `yaml:"iterations"`
	// KeyEnv is the environment variable that holds the key of hmac, or in base64 Firebase's signer key: no secret in a profile.
	KeyEnv string `yaml:"key_env"`
	// SaltSeparator (in base64), Rounds and MemCost are Firebase's.
	SaltSeparator string `yaml:"salt_separator"`
	Rounds        int    `yaml:"rounds"`
	MemCost       int    `yaml:"mem_cost"`
	// Invalid is for a value that is no hash Kratos can compare with: reject (default), or drop the hash: the person resets.
	Invalid string `yaml:"invalid"`
}

// Forms of a hash column besides algorithms.
const (
	formAuto     = "auto"
	formKeycloak = "keycloak"
	formFirebase = "firebase"
)

// hashAlgorithms are the digests that a profile may name.
var hashAlgorithms = []string{"md5", "sha1", "sha256", "sha512", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512",
	"hmac-md4", "hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}

// defaults fills in what the profile does not say.
func (h *PasswordHash) defaults() {
	h.Form = cmp.Or(h.Form, formAuto)
	h.SaltEncoding = cmp.Or(h.SaltEncoding, "text")
	h.Pattern = cmp.Or(h.Pattern, "{SALT}{PASSWORD}")
	h.Invalid = cmp.Or(h.Invalid, "reject")
}

func (h *PasswordHash) faults(f *faultList) {
	const where = "password_hash"
	if h.Column == "" {
		var none PasswordHash
		if none.defaults(); *h != none {
			f.add(where+".column", "obligatoire avec les autres clés de password_hash")
		}
		return
	}
	f.oneOf(where+".form", h.Form, append([]string{formAuto, formKeycloak, formFirebase}, hashAlgorithms...)...)
	f.oneOf(where+".invalid", h.Invalid, "reject", "drop")
	f.oneOf(where+".salt_encoding", h.SaltEncoding, "text", "hex", "base64")
	if !strings.Contains(h.Pattern, "{PASSWORD}") {
		f.add(where+".pattern", "sans {PASSWORD}, n’importe quel mot de passe ouvrirait le compte")
	}
	pbkdf2, hmac := strings.HasPrefix(h.Form, "pbkdf2-"), strings.HasPrefix(h.Form, "hmac-")
	switch {
	case pbkdf2 && h.Iterations < 1:
		f.add(where+".iterations", "obligatoire avec pbkdf2 : le nombre d’itérations de l’ancien portail")
	case !pbkdf2 && h.Iterations > 1:
		f.add(where+".iterations", "Kratos ne sait répéter que pbkdf2 : avec %s et %d itérations, retirez password_hash, et chacun choisira"+
			" un mot de passe", h.Form, h.Iterations)
	case (hmac || h.Form == formFirebase) && h.KeyEnv == "":
		f.add(where+".key_env", "obligatoire avec %s : la variable d’environnement qui donne la clé", h.Form)
	case h.Form == formFirebase && (h.Salt == "" || h.Rounds < 1 || h.MemCost < 1):
		f.add(where, "firebase demande salt, rounds et mem_cost (console Firebase, Authentication, « Password hash parameters »)")
	}
}

// hasher reads the hash of a row.
type hasher struct {
	PasswordHash
	column, salt int // indexes
	key          []byte
}

// newHasher returns nil for a profile without a column of hashes.
func newHasher(h PasswordHash, columns titles) (*hasher, error) {
	if h.Column == "" {
		return nil, nil
	}
	h.defaults()
	out := &hasher{PasswordHash: h, column: columns.index(h.Column), salt: columns.index(h.Salt)}
	if h.KeyEnv != "" {
		if out.key = []byte(os.Getenv(h.KeyEnv)); len(out.key) == 0 {
			return nil, fmt.Errorf("la variable d’environnement %s, qui donne la clé des empreintes (password_hash.key_env), est vide", h.KeyEnv)
		}
	}
	return out, nil
}

// read gives the hash of a row as Kratos reads it, "" for none; code says why it is no hash.
func (h *hasher) read(record source.Record) (hash, code string) {
	value := strings.TrimSpace(record.Fields[h.column])
	if value == "" {
		return "", ""
	}
	var salt []byte
	if h.salt >= 0 {
		salt = h.saltOf(record.Fields[h.salt])
	}
	switch {
	case h.Form == formKeycloak:
		hash = keycloakHash(value)
		if hash == "" && keycloakNone(value) {
			return "", ""
		}
	case noPassword(value):
		return "", CodeHashNone
	case h.Form == formFirebase:
		std := base64.StdEncoding.EncodeToString
		separator, key := base64ed(h.SaltSeparator), base64ed(string(h.key))
		hash = fmt.Sprintf("$firescrypt$ln=%d,r=%d,p=1$%s$%s$%s$%s",
			h.MemCost, h.Rounds, std(salt), std(base64ed(value)), std(separator), std(key))
	case h.Form == formAuto, strings.HasPrefix(value, "$"), strings.HasPrefix(value, "{"):
		// A store that has changed its ways says so in the newer hashes.
		hash = respelled(value)
	default:
		hash = h.named(h.digest(value), salt)
	}
	switch {
	case validHash(hash):
		return hash, ""
	case h.Form == formAuto:
		return "", hashFault(value)
	}
	return "", CodeHash
}

// named writes a digest whose algorithm the profile names.
func (h *hasher) named(digest, salt []byte) string {
	kind, algorithm, _ := strings.Cut(h.Form, "-")
	switch kind {
	case "pbkdf2":
		return pbkdf2Of(algorithm, h.Iterations, salt, digest)
	case "hmac":
		std := base64.StdEncoding.EncodeToString
		return "$" + h.Form + "$" + std([]byte(hex.EncodeToString(digest))) + "$" + std(h.key)
	}
	return digestOf(h.Form, h.Pattern, salt, digest)
}

// digest reads a digest in hexadecimal or base64: the length of the algorithm's tells which.
func (h *hasher) digest(value string) []byte {
	_, algorithm, cut := strings.Cut(h.Form, "-")
	if !cut {
		algorithm = h.Form
	}
	if b := hexed(value); b != nil && (len(b) == digestBytes[algorithm] || strings.HasPrefix(h.Form, "pbkdf2-")) {
		return b
	}
	return base64ed(value)
}

func (h *hasher) saltOf(value string) []byte {
	switch {
	case h.Form == formFirebase || h.SaltEncoding == "base64":
		return base64ed(strings.TrimSpace(value))
	case h.SaltEncoding == "hex":
		return hexed(strings.TrimSpace(value))
	}
	return []byte(value)
}
