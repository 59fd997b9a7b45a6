package profiles

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// stores are the profiles that an operator may start from, one for each kind of store.
//
//go:embed stores/*.yml
var stores embed.FS

// Example is the name of the profile that explains every line.
const Example = "mes-demarches"

// Names are the stores that there is a profile for.
func Names() []string {
	entries, err := stores.ReadDir("stores")
	if err != nil {
		panic(err) // compiled in
	}
	names := []string{Example}
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yml"))
	}
	slices.Sort(names)
	return names
}

// Named is the profile of a store.
func Named(name string) ([]byte, error) {
	switch {
	case name == Example:
		return MesDemarches, nil
	case !slices.Contains(Names(), name):
		return nil, fmt.Errorf("%q n’est pas l’un de : %s", name, strings.Join(Names(), ", "))
	}
	return stores.ReadFile(path.Join("stores", name+".yml"))
}
