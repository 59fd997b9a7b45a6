package deployment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"efpconnect.example/config"
	"efpconnect.example/internal/seal"
)

// Steps of a rotation. Between two of them whoever reads the secret is started again, so that all know the new value before the
// first uses it.
const (
	RotateAdd     = "add"     // a new value, last: everybody accepts it
	RotatePromote = "promote" // the last comes first: it is used from now on
	RotateRemove  = "remove"  // the last goes: nobody accepts it any more
	RotateReplace = "replace" // of a secret that has one value only
)

// rotated are the secrets that hold a list: the first is used, all are accepted.
var rotated = map[string]func() string{"site/keys": seal.NewKey, "kratos/cookie": hex32, "kratos/cipher": hex32}

// hookKey is the secret of two readers that has one value only.
const hookKey = "hook_key"

// Rotatable are the names that Rotate knows, with their steps.
func Rotatable() string {
	return "site/keys, kratos/cookie, kratos/cipher: " + strings.Join([]string{RotateAdd, RotatePromote, RotateRemove}, ", ") + "; " + hookKey + ": " + RotateReplace
}

// Rotate takes one step with a secret that NewSecrets made in dir. It returns how many values the secret holds afterwards.
func Rotate(dir, name, step string) (values int, err error) {
	if name == hookKey && step == RotateReplace {
		key := seal.NewKey()
		return 1, errors.Join(writeSecret(dir, "kratos/"+hookKey, key), writeSecret(dir, "site/"+hookKey, key))
	}
	fresh, known := rotated[name]
	if !known || !slices.Contains([]string{RotateAdd, RotatePromote, RotateRemove}, step) {
		return 0, fmt.Errorf("%s %s: there are %s", name, step, Rotatable())
	}
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0, err
	}
	list := strings.Split(strings.TrimSpace(string(content)), ",")
	last := len(list) - 1
	switch {
	case step == RotateAdd && last > 0:
		return 0, fmt.Errorf("%s holds %d values already: finish that rotation first (%s, then %s)", name, len(list), RotatePromote, RotateRemove)
	case step == RotateAdd:
		list = append(list, fresh())
	case last == 0:
		return 0, fmt.Errorf("%s holds one value: %s another first", name, RotateAdd)
	case step == RotatePromote:
		list = append([]string{list[last]}, list[:last]...)
	default:
		list = list[:last]
	}
	return len(list), writeSecret(dir, name, strings.Join(list, ","))
}

// writeSecret replaces a secret that is there: a typing error in the folder's name must not make a new one.
func writeSecret(dir, name, value string) error {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		return err
	}
	return config.Replace(path, []byte(value+"\n"))
}
