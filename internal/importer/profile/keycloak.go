package profile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// keycloakCredential is a credential of Keycloak: its two JSON documents are texts in an export and in the database. Old versions have
// the last four members instead.
type keycloakCredential struct {
	Type           string
	SecretData     json.RawMessage
	CredentialData json.RawMessage

	HashedSaltedValue, Salt, Algorithm string
	HashIterations                     int
}

// keycloakCredentials reads a list of credentials, or one.
func keycloakCredentials(value string) (all []keycloakCredential) {
	if json.Unmarshal([]byte(value), &all) == nil {
		return all
	}
	var one keycloakCredential
	if json.Unmarshal([]byte(value), &one) != nil {
		return nil
	}
	return []keycloakCredential{one}
}

// keycloakNone tells a list without a password, as people have who come from another provider.
func keycloakNone(value string) bool {
	all := keycloakCredentials(value)
	return strings.HasPrefix(value, "[") && json.Valid([]byte(value)) && !slices.ContainsFunc(all, keycloakCredential.isPassword)
}

func (c keycloakCredential) isPassword() bool { return c.Type == "password" || c.Type == "" }

// keycloakHash is the first password of Keycloak's credentials.
func keycloakHash(value string) string {
	for _, c := range keycloakCredentials(value) {
		if !c.isPassword() {
			continue
		}
		secret := struct{ Value, Salt string }{c.HashedSaltedValue, c.Salt}
		how := struct {
			HashIterations       int
			Algorithm            string
			AdditionalParameters map[string][]string
		}{HashIterations: c.HashIterations, Algorithm: c.Algorithm}
		unmarshalText(c.SecretData, &secret)
		unmarshalText(c.CredentialData, &how)
		salt, hash := base64ed(secret.Salt), base64ed(secret.Value)
		parameter := func(name string) string { return strings.Join(how.AdditionalParameters[name], ",") }
		switch how.Algorithm {
		case "pbkdf2":
			return pbkdf2Of("sha1", how.HashIterations, salt, hash)
		case "pbkdf2-sha256", "pbkdf2-sha512":
			return pbkdf2Of(strings.TrimPrefix(how.Algorithm, "pbkdf2-"), how.HashIterations, salt, hash)
		case "argon2":
			if parameter("version") != "1.3" {
				return ""
			}
			return fmt.Sprintf("$argon2%s$v=19$m=%s,t=%d,p=%s$%s$%s", parameter("type"), parameter("memory"), how.HashIterations,
				parameter("parallelism"), base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
		}
		return respelled(secret.Value) // bcrypt and others of extensions say themselves what they are
	}
	return ""
}

// unmarshalText reads a JSON document that is a text in another one, or stands there itself.
func unmarshalText(document json.RawMessage, into any) {
	var text string
	if json.Unmarshal(document, &text) == nil {
		document = json.RawMessage(text)
	}
	_ = json.Unmarshal(document, into) // what it lacks makes a hash that is none
}
