package deployment

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"efpconnect.example/config"
	"efpconnect.example/config/doctor"
	"efpconnect.example/internal/seal"
)

// Steps of a rotation. Between two of them whoever reads the secret is started again, so that all know the new value before the
// first uses it.
const (
	RotateAdd     = "add"     // a new value, last: everybody accepts it
	RotatePromote = "promote" // the added one comes first: it is used from now on
	RotateRemove  = "remove"  // the last goes: nobody accepts it any more. Before promote, that is the added one
	RotateReplace = "replace" // of a secret that has one value only
)

// rotated are the secrets that hold a list: the first is used, all are accepted.
var rotated = map[string]func() string{"site/keys": seal.NewKey, "kratos/cookie": hex32, "kratos/cipher": hex32}

// leastSecret is how many characters Kratos asks of a secret at least.
const leastSecret = 16

// hookKey is the secret of two readers that has one value only.
const hookKey = "hook_key"

// Rotatable are the names that Rotate knows, with their steps.
func Rotatable() string {
	return "site/keys, kratos/cookie, kratos/cipher: " + strings.Join([]string{RotateAdd, RotatePromote, RotateRemove}, ", ") + "; " + hookKey + ": " + RotateReplace
}

// Rotated is what a step left.
type Rotated struct {
	Values  int    // that the secret holds
	Dropped string // what is no longer accepted, told without its value; "" for nothing
	Weak    []int  // the places of values that can be guessed, from 1
}

// addedFile is beside a secret while it is rotated and holds the mark of the value that was added: without it, the list does not tell
// which of two is the new one.
const addedFile = ".added"

// mark tells a random value from others, and nothing of it.
func mark(value string) string { return fmt.Sprintf("%.4x", sha256.Sum256([]byte(value))) }

// Rotate takes one step with a secret that NewSecrets made in dir.
func Rotate(dir, name, step string) (Rotated, error) {
	if name == hookKey && step == RotateReplace {
		return replaceHookKey(dir)
	}
	fresh, known := rotated[name]
	if !known || !slices.Contains([]string{RotateAdd, RotatePromote, RotateRemove}, step) {
		return Rotated{}, fmt.Errorf("%s %s: there are %s", name, step, Rotatable())
	}
	r := rotation{dir: dir, name: name}
	var err error
	if r.held, err = config.Hold(filepath.Join(dir, name)); err != nil {
		return Rotated{}, err
	}
	note, err := config.Hold(filepath.Join(dir, name+addedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Rotated{}, err
	}
	r.list, r.added = listed(string(r.held.Content)), strings.TrimSpace(string(note.Content))
	if len(r.list) == 0 {
		return Rotated{}, fmt.Errorf("%s holds nothing: restore it, or make it anew with `kratos-config secrets` in an empty folder", name)
	}
	switch {
	case step == RotateAdd:
		return r.add(fresh())
	case len(r.list) == 1:
		return Rotated{}, fmt.Errorf("%s holds one value: %s another first", name, RotateAdd)
	case step == RotatePromote:
		return r.promote()
	}
	return r.remove()
}

// rotation is a secret that holds a list, between two steps.
type rotation struct {
	dir, name string
	held      config.Held
	list      []string
	added     string // mark of the value that was added; "" where it is not known
}

func (r rotation) add(value string) (Rotated, error) {
	if len(r.list) > 1 {
		return Rotated{}, fmt.Errorf("%s holds %d values already: finish that rotation first (%s, then %s)", r.name, len(r.list), RotatePromote, RotateRemove)
	}
	// The mark first: one without its value does no harm.
	if err := config.Replace(filepath.Join(r.dir, r.name+addedFile), []byte(mark(value)+"\n")); err != nil {
		return Rotated{}, err
	}
	return r.write(append(r.list, value))
}

func (r rotation) promote() (Rotated, error) {
	if mark(r.list[0]) == r.added {
		return Rotated{}, fmt.Errorf("%s: the value that was added is the first already; %s is next", r.name, RotateRemove)
	}
	last := len(r.list) - 1
	return r.write(append([]string{r.list[last]}, r.list[:last]...))
}

func (r rotation) remove() (Rotated, error) {
	last := len(r.list) - 1
	done, err := r.write(r.list[:last])
	switch dropped := mark(r.list[last]); r.added {
	case dropped:
		done.Dropped = "the value that was added, which was never in use (mark " + dropped + ")"
	case "":
		done.Dropped = "the last value (mark " + dropped + ")"
	default:
		done.Dropped = "the value that was in use before (mark " + dropped + ")"
	}
	if err != nil {
		return Rotated{}, err
	}
	if err := os.Remove(filepath.Join(r.dir, r.name+addedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	return done, nil
}

// listed are the values of a secret that holds a list; spaces and empty places are none.
func listed(content string) (list []string) {
	for value := range strings.SplitSeq(content, ",") {
		if value = strings.TrimSpace(value); value != "" {
			list = append(list, value)
		}
	}
	return list
}

func (r rotation) write(list []string) (Rotated, error) {
	done := Rotated{Values: len(list)}
	for i, value := range list {
		if doctor.Weak(value, leastSecret) {
			done.Weak = append(done.Weak, i+1)
		}
	}
	return done, r.held.Replace([]byte(strings.Join(list, ",") + "\n"))
}

// replaceHookKey replaces what is there in both places: a typing error in the folder's name must not make a new one.
func replaceHookKey(dir string) (Rotated, error) {
	kratos, err := config.Hold(filepath.Join(dir, "kratos", hookKey))
	if err != nil {
		return Rotated{}, err
	}
	site, err := config.Hold(filepath.Join(dir, "site", hookKey))
	if err != nil {
		return Rotated{}, err
	}
	key := []byte(seal.NewKey() + "\n")
	return Rotated{Values: 1}, errors.Join(kratos.Replace(key), site.Replace(key))
}
