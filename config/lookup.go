package config

import (
	"slices"
)

// Lookup is one text of an environment before secrets are filled in: "values.site_url", "courier.smtp.from_address". A key that
// is not there is "".
func Lookup(environment, key string) (string, error) {
	if !slices.Contains(Environments(), environment) {
		return "", unknown(environment)
	}
	k, err := merge(files, environment, nil)
	if err != nil {
		return "", err
	}
	return k.String(key), nil
}
