package profile

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"efpconnect.example/internal/importer/source"
)

// What the YAML library says of a profile, in the operator's words. Its texts name Go types.

var (
	yamlLine    = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line ([0-9]+): (.*)$`)
	yamlUnknown = regexp.MustCompile(`^field (.*) not found in type (\S+)$`)
	yamlTwice   = regexp.MustCompile(`^mapping key (.*) already defined at line ([0-9]+)$`)
	yamlType    = regexp.MustCompile("(?s)^cannot unmarshal !!(\\S+)(?: `(.*)`)? into (\\S+)$")
	yamlAnchor  = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// yamlFault is what is wrong, with its line.
func yamlFault(text string) string {
	where := ""
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		where, text = "ligne "+found[1]+" : ", found[2]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if found := yamlUnknown.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("%sclé inconnue « %s »%s", where, found[1], possibleKeys(found[2]))
	}
	if found := yamlTwice.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("%sla clé %s est déjà à la ligne %s", where, found[1], found[2])
	}
	if found := yamlType.FindStringSubmatch(text); found != nil {
		value := ""
		if found[2] != "" {
			value = " et non « " + found[2] + " »"
		}
		return where + "il faut " + yamlKind(found[3]) + value
	}
	if found := yamlAnchor.FindStringSubmatch(text); found != nil {
		return where + "l’ancre « " + found[1] + " » n’est définie nulle part (une valeur qui commence par * se met entre guillemets)"
	}
	for _, said := range yamlSyntax {
		if strings.Contains(text, said.text) {
			return where + said.words
		}
	}
	return where + "YAML mal écrit : vérifiez l’alignement des lignes, les deux-points et les guillemets"
}

// yamlSyntax are faults of the syntax that people make.
var yamlSyntax = []struct{ text, words string }{
	{"mapping values are not allowed", "un deux-points de trop, ou une ligne mal alignée (une valeur qui contient « : » se met entre guillemets)"},
	{"found character that cannot start any token", "un caractère qui ne peut pas commencer une valeur : tabulation, @, % ou ` (mettez-la entre guillemets, et alignez avec des espaces)"},
	{"tab character", "une tabulation : alignez avec des espaces"},
	{"did not find expected key", "une ligne mal alignée avec les précédentes, ou un guillemet de trop"},
	{"did not find expected '-' indicator", "une ligne mal alignée dans une liste"},
	{"could not find expected ':'", "il manque un deux-points (et une espace après lui)"},
	{"did not find expected ',' or", "une liste entre crochets ou entre accolades n’est pas fermée"},
	{"unexpected end of stream", "un guillemet, un crochet ou une accolade n’est pas fermé"},
	{"unknown escape character", "entre guillemets doubles, \\ annonce un caractère spécial : doublez-le, ou prenez des guillemets simples"},
	{"UTF-8", "le profil n’est pas en UTF-8"},
	{"UTF-16", "le profil est en UTF-16 : enregistrez-le en UTF-8"},
	{"control characters", "un caractère de contrôle"},
	{"excessive aliasing", "trop d’ancres"},
}

// yamlKind is what a Go type wants.
func yamlKind(name string) string {
	switch {
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "un nombre entier"
	case name == "bool":
		return "true ou false"
	case name == "string":
		return "un texte"
	case strings.HasPrefix(name, "[]"):
		return "une liste ([a, b])"
	}
	return "des clés et leurs valeurs (clé: valeur)"
}

// sections are the types that a profile is made of.
var sections = []any{Profile{}, CSV{}, JSON{}, JSONL{}, LDIF{}, XLSX{}, Fixed{}, source.FixedColumn{}, SQL{}, Column{}, Trait{}, State{}, Verified{}, PasswordHash{}}

// possibleKeys are the keys that could have been meant.
func possibleKeys(name string) string {
	for _, section := range sections {
		if t := reflect.TypeOf(section); t.String() == name {
			var keys []string
			for i := range t.NumField() {
				keys = append(keys, strings.ToLower(cmp.Or(t.Field(i).Tag.Get("yaml"), t.Field(i).Name)))
			}
			slices.Sort(keys)
			return " (possibles ici : " + strings.Join(keys, ", ") + ")"
		}
	}
	return ""
}
