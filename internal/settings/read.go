package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Flags declares a flag for each setting but the secrets: those would be seen in the list of processes.
func Flags(flags *pflag.FlagSet) {
	flags.String("config", "", "file of settings (YAML)")
	for _, f := range fields() {
		if f.secret {
			continue
		}
		flags.String(f.flag(), f.def, f.help)
	}
}

// Read puts the layers together and checks everything: the error joins every fault found, one a line, and never quotes a
// secret.
func Read(flags *pflag.FlagSet) (Settings, error) { return read(flags, nil) }

// read is Read with defaults, by key, that differ from those of the struct.
func read(flags *pflag.FlagSet, defaults map[string]string) (Settings, error) {
	v := viper.New()
	v.SetEnvPrefix("EFP")
	v.AllowEmptyEnv(true) // EFP_PROTECT_LOGIN= asks nothing, as --protect-login= does
	faults := []error{unknownVariables(os.Environ())}
	for _, f := range fields() {
		if other, ok := defaults[f.key]; ok {
			f.def = other
		}
		v.SetDefault(f.key, f.def)
		if !f.secret || os.Getenv(f.variable()) != "" { // an empty secret is one that is not given
			faults = append(faults, v.BindEnv(f.key))
		}
		if flag := flags.Lookup(f.flag()); flag != nil {
			faults = append(faults, v.BindPFlag(f.key, flag))
		}
	}
	faults = append(faults, readFile(v, flags))
	var s Settings
	target := reflect.ValueOf(&s).Elem()
	var unread []string
	for i, f := range fields() {
		if err := f.set(target.Field(i), v); err != nil {
			faults, unread = append(faults, err), append(unread, f.key)
		}
	}
	return s, errors.Join(append(faults, s.check(unread...)...)...)
}

// readFile reads the file that --config names, strictly: a key nobody knows is a typo.
func readFile(v *viper.Viper, flags *pflag.FlagSet) error {
	name, err := flags.GetString("config")
	if err != nil || name == "" {
		return nil
	}
	// Read by itself first: among flags and variables of the same name, viper hides a setting that is written as a map.
	own := viper.New()
	own.SetConfigFile(name)
	if err := own.ReadInConfig(); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--config: there is no file %s", name)
	} else if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	known, secret := map[string]bool{}, map[string]string{}
	for _, f := range fields() {
		known[f.key] = true
		if f.secret {
			secret[f.key] = f.variable()
		}
	}
	var unknown []error
	for _, key := range own.AllKeys() {
		switch variable := secret[key]; {
		case !known[key]:
			unknown = append(unknown, fmt.Errorf("%s: %q is no setting", name, key))
		case variable != "" && !nothing(own.Get(key)):
			unknown = append(unknown, fmt.Errorf("%s: %s is a secret, which this file is too often copied for: give it as %s, or in a file that %s_FILE names", name, key, variable, variable))
		}
	}
	written := own.AllSettings()
	for _, key := range own.AllKeys() {
		if known[key] && own.Get(key) == nil { // `protect_login:` and nothing behind it
			written[key] = ""
		}
	}
	return errors.Join(append(unknown, v.MergeConfigMap(written))...)
}

// nothing tells a key behind which nothing is written.
func nothing(value any) bool {
	list, ok := value.([]any)
	return value == nil || value == "" || ok && len(list) == 0
}

// field is one setting, as its tags describe it.
type field struct {
	key, def, help, check, hole string
	secret                      bool
}

func fields() []field {
	t := reflect.TypeFor[Settings]()
	list := make([]field, t.NumField())
	for i := range list {
		tag := t.Field(i).Tag
		list[i] = field{key: tag.Get("key"), def: tag.Get("default"), help: tag.Get("help"), check: tag.Get("check"), hole: tag.Get("hole"), secret: tag.Get("secret") == "true"}
	}
	return list
}

func (f field) flag() string { return strings.ReplaceAll(f.key, "_", "-") }

func (f field) variable() string { return "EFP_" + strings.ToUpper(f.key) }

// set gives one field its value, or says which setting has which fault.
func (f field) set(target reflect.Value, v *viper.Viper) error {
	written, ok := v.Get(f.key).([]any)
	if ok && target.Type() == reflect.TypeFor[[]string]() {
		// A list of a file: a comma in one of its values is the value's own.
		parts := make([]string, len(written))
		for i, one := range written {
			parts[i] = fmt.Sprint(one)
		}
		target.Set(reflect.ValueOf(f.spelled(list(parts))))
		return nil
	}
	text, err := f.text(v)
	if err != nil {
		return err
	}
	if err := parse(target, text); err != nil {
		return fmt.Errorf("%s (%s): %q: %w", f.key, f.variable(), text, err)
	}
	if written, ok := target.Interface().([]string); ok {
		target.Set(reflect.ValueOf(f.spelled(written)))
	}
	return nil
}

// spelled gives the words for several values, and for none, their meaning.
func (f field) spelled(written []string) []string {
	switch {
	case f.check != "protections" || len(written) != 1:
		return written
	case written[0] == "both":
		return []string{"picture", "proof"}
	case written[0] == "nothing":
		return nil
	}
	return written
}

// SecretFile reads the file that a secret's variable names with _FILE; given tells that it names one. An empty file is a fault: who
// names one wants a secret, and for some of them none would silently mean something else.
func SecretFile(getenv func(string) string, variable string) (text string, given bool, err error) {
	name := getenv(variable + "_FILE")
	if name == "" {
		return "", false, nil
	}
	raw, err := os.ReadFile(name)
	if text = strings.TrimSpace(string(raw)); err == nil && text == "" {
		err = fmt.Errorf("%s holds nothing", name)
	}
	if err != nil {
		return "", true, fmt.Errorf("%s_FILE: %w", variable, err)
	}
	return text, true, nil
}

// text is the setting as text, wherever it comes from.
func (f field) text(v *viper.Viper) (string, error) {
	if f.secret {
		if text, given, err := SecretFile(os.Getenv, f.variable()); given {
			return text, err
		}
	}
	if value, ok := v.Get(f.key).(time.Time); ok { // YAML reads a date by itself
		return value.Format(time.RFC3339), nil
	}
	return v.GetString(f.key), nil
}

// Defaults are the settings without any flag, variable or file: what the demonstration starts from. Secrets are missing.
func Defaults() Settings {
	var s Settings
	target := reflect.ValueOf(&s).Elem()
	for i, f := range fields() {
		v := viper.New()
		v.SetDefault(f.key, f.def)
		if err := f.set(target.Field(i), v); err != nil {
			panic("settings: the default of " + err.Error()) // a test reads them all
		}
	}
	return s
}
