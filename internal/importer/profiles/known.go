package profiles

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// files are the profiles that an operator may start from, one for each kind of store.
//
//go:embed *.yml
var files embed.FS

// Names are the stores that there is a profile for.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // compiled in
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yml"))
	}
	slices.Sort(names)
	return names
}

// Named is the profile of a store.
func Named(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("%q n’est pas l’un de : %s", name, strings.Join(Names(), ", "))
	}
	return files.ReadFile(name + ".yml")
}
