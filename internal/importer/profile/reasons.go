package profile

import "strings"

// Codes of why a row is not imported. They are stored in journals: never change one.
const (
	CodeColumns          = "columns"
	CodeDamagedID        = "damaged_id"
	CodeMisread          = "misread"
	CodeEscaped          = "escaped"
	CodeMissingID        = "missing_id"
	CodeDuplicateID      = "duplicate_id"
	CodeDuplicateAddress = "duplicate_address"
	CodeMissing          = "missing"
	CodeAddress          = "address"
	CodeAddressLong      = "address_long"
	CodeAddressAccent    = "address_accent"
	CodeInvisible        = "invisible"
	CodeLong             = "long"
	CodeWord             = "word"
	CodeState            = "state"
	CodeVerified         = "verified"
	CodeHash             = "hash"
	CodeHashNone         = "hash_none"
	CodeHashForm         = "hash_form"
	CodeSchema           = "schema"
	CodeSchemaLong       = "schema_long"  // ":" and the most characters
	CodeSchemaShort      = "schema_short" // ":" and the fewest
	CodeSchemaNot        = "schema_not"
	CodeSchemaPattern    = "schema_pattern"
	CodeSchemaFormat     = "schema_format"
	CodeSchemaEnum       = "schema_enum"

	CodeTaken      = "taken"
	CodeRegistered = "registered"
	CodeNewTaken   = "new_taken"
	CodeGone       = "gone"
	CodeUsed       = "used"
	CodeRefused    = "refused"
	CodeFailed     = "failed"
	CodeSuperseded = "superseded"
)

// sentences are what the operator reads in the files and the report. None holds anything of the row.
var sentences = map[string]string{
	CodeColumns:          "La ligne ne se lit pas : nombre de colonnes, guillemets ou syntaxe.",
	CodeDamagedID:        "Un tableur a abîmé l’identifiant (1,2E+15, ####, #N/A) : reprenez-le dans l’ancien portail, colonne au format texte.",
	CodeMisread:          "La valeur a un signe au milieu d’un mot (¼uvre, Andr‚, ZoÃ©) : le fichier est dans un autre encodage que celui du profil.",
	CodeEscaped:          "La valeur a des codes à la place de lettres (&eacute;, &#039;, =C3=A9) : ce sont ceux d’une page web ou d’un message ; demandez un export sans eux.",
	CodeMissingID:        "L’identifiant de l’ancien compte est vide, trop long, ou contient un caractère invisible.",
	CodeDuplicateID:      "Une autre ligne porte le même identifiant, et c’est elle qui compte (celle du compte déjà importé, sinon la première) : corrigez l’identifiant, ou retirez la ligne.",
	CodeDuplicateAddress: "Plusieurs lignes portent la même adresse (à la casse et aux accents composés près) : choisissez laquelle garder.",
	CodeMissing:          "Une valeur obligatoire est vide.",
	CodeAddress:          "L’adresse e-mail n’est pas une adresse valable.",
	CodeAddressLong:      "L’adresse e-mail est trop longue (254 octets, dont 64 avant l’arobase).",
	CodeAddressAccent:    "L’adresse e-mail a, avant l’arobase, un accent ou un autre caractère qu’aucun relais de messagerie ne transmet : seuls les lettres sans accent, les chiffres et les signes du clavier y sont admis.",
	CodeInvisible:        "La valeur contient un caractère invisible ou illisible : saut de ligne, tabulation, caractère de contrôle ou de direction.",
	CodeLong:             "La valeur est bien trop longue.",
	CodeWord:             "La valeur n’est pas dans la liste de mots du profil.",
	CodeState:            "L’état du compte n’est ni actif ni inactif d’après le profil.",
	CodeVerified:         "L’état de vérification de l’adresse n’est pas dans la liste du profil.",
	CodeHash:             "L’empreinte de mot de passe n’est pas d’un format que Kratos sait comparer, ou son coût est démesuré. password_hash.invalid: drop crée le compte sans elle.",
	CodeHashNone:         "Dans l’ancien portail, aucun mot de passe n’ouvre ce compte (! ou *). password_hash.invalid: drop le crée sans mot de passe.",
	CodeHashForm:         "L’empreinte ne dit pas son algorithme : nommez-le dans password_hash.form (md5, sha1, sha256 ou sha512).",
	CodeSchema:           "Le schéma d’identité refuse la valeur.",
	CodeSchemaLong:       "La valeur est plus longue que le schéma d’identité ne le permet (%s caractères).",
	CodeSchemaShort:      "La valeur est plus courte que le schéma d’identité ne le demande (%s caractères).",
	CodeSchemaNot:        "La valeur contient ce que le schéma d’identité interdit (« :// » dans un nom, par exemple).",
	CodeSchemaPattern:    "La valeur contient un caractère que le schéma d’identité n’admet pas, ou n’a pas la forme qu’il demande.",
	CodeSchemaFormat:     "La valeur n’a pas la forme que demande le schéma d’identité (celle d’une adresse e-mail, par exemple).",
	CodeSchemaEnum:       "La valeur n’est pas l’une de celles du schéma d’identité.",
	CodeTaken:            "Un autre compte de Kratos porte déjà cette adresse.",
	CodeRegistered:       "La personne a déjà créé elle-même un compte à cette adresse. registered: attach dans le profil y rattache l’identifiant de l’ancien compte.",
	CodeNewTaken:         "L’adresse a changé, et la nouvelle est celle d’un autre compte de Kratos.",
	CodeGone:             "Le compte a été importé puis supprimé de Kratos : il n’est pas recréé sans décision.",
	CodeUsed:             "La ligne a changé, mais la personne s’est déjà servie de son compte : le compte est laissé tel quel.",
	CodeRefused:          "Kratos refuse le compte.",
	CodeFailed:           "Kratos n’a pas pu prendre cette ligne : relancez l’import.",
	CodeSuperseded:       "Une autre ligne de la même adresse est gardée, d’après la règle du profil.",
}

// Sentence is the reason in words; the code itself when it is unknown (a newer journal).
func Sentence(code string) string {
	name, number, _ := strings.Cut(code, ":")
	if s, ok := sentences[name]; ok {
		return strings.ReplaceAll(s, "%s", number)
	}
	return code
}

// Rejection is why a row is not imported.
type Rejection struct {
	Code   string
	Column string // of the source; "" when the row as a whole is at fault
}
