// Package profile says what the columns of a legacy store mean: it reads the operator's YAML profile and turns each row into an
// account for Kratos, or into a reason why not. Called by the importer.
package profile

// Profile is the operator's file. internal/importer/profiles/mes-demarches.yml explains it line by line.
type Profile struct {
	// Version of the file's form: 1.
	Version int `yaml:"version"`
	// Source names the legacy store in metadata_admin.legacy.source; accounts are recognised by it and their id.
	Source string `yaml:"source"`
	// Schema is the id of the identity schema in Kratos. Defaults to "account".
	Schema string `yaml:"schema"`
	// Format is one of Formats.
	Format string `yaml:"format"`

	CSV   CSV   `yaml:"csv"`
	JSON  JSON  `yaml:"json"`
	JSONL JSONL `yaml:"jsonl"`
	LDIF  LDIF  `yaml:"ldif"`
	XLSX  XLSX  `yaml:"xlsx"`
	Fixed Fixed `yaml:"fixed"`
	SQL   SQL   `yaml:"sql"`

	// Null are values that stand for none, in every column: \N of a dump of MySQL, for instance, which is the default.
	Null Nulls `yaml:"null"`

	// ID is the column of the legacy identifier: unique and stable.
	ID Column `yaml:"id"`
	// Traits by their name in the identity schema.
	Traits map[string]Trait `yaml:"traits"`
	State  State            `yaml:"state"`
	// Verified tells whether the address counts as proved.
	Verified Verified `yaml:"verified"`
	// PasswordHash is optional: without it people choose a password by a reset.
	PasswordHash PasswordHash `yaml:"password_hash"`
	// Legacy are columns that services ask for, by the name under which services.yml does: they go to metadata_public.legacy, which
	// the person may read and nobody but the import writes.
	Legacy map[string]Column `yaml:"legacy"`
	// MetadataPublic is written on every account as it stands.
	MetadataPublic map[string]any `yaml:"metadata_public"`
	// Duplicates is what to do with rows of one address: conflict (all set apart, the default), first, last-active.
	Duplicates string `yaml:"duplicates"`
	// Registered is what to do with a row whose address is that of an account that its person created on the site: conflict (the
	// default), or attach the legacy id to that account.
	Registered string `yaml:"registered"`
}

// What becomes of several rows with one address.
const (
	DuplicatesConflict   = "conflict"    // none is imported: somebody decides
	DuplicatesFirst      = "first"       // the first of the file
	DuplicatesLastActive = "last-active" // the last active one; the last of all when none is active
)

// What becomes of a row whose person has created an account on the site.
const (
	RegisteredConflict = "conflict" // it is not imported: somebody decides
	RegisteredAttach   = "attach"   // the account keeps all it has, and takes the mark and what services need of the row
)

// Column names a column of the source.
type Column struct {
	Column string `yaml:"column"`
}

// Trait is where one trait comes from. Spaces around a value are dropped, those inside made one, and text is put in Unicode form C.
type Trait struct {
	Column   string  `yaml:"column"`
	Constant *string `yaml:"constant"`
	// Case is keep (default), lower, upper or title (JEAN-PIERRE → Jean-Pierre; mixed case stays).
	Case string `yaml:"case"`
	// Words maps what the source writes to what the schema wants; compared without case, spaces and dots.
	Words map[string][]string `yaml:"words"`
	// Phone is keep (default) or e164: a French number then becomes +33612345678. An account that an earlier run imported as it was
	// written counts as unchanged.
	Phone string `yaml:"phone"`
	// Unknown is for a value that Words does not know: reject (default) or drop the trait.
	Unknown string `yaml:"unknown"`
	// Invalid is for a value that the schema refuses: reject (default) or drop the trait.
	Invalid string `yaml:"invalid"`
}

// State tells active accounts from others. Without a column every account is active.
type State struct {
	Column   string   `yaml:"column"`
	Active   []string `yaml:"active"`
	Inactive []string `yaml:"inactive"`
}

// Verified tells proved addresses from others.
type Verified struct {
	Column string   `yaml:"column"`
	Yes    []string `yaml:"yes"`
	No     []string `yaml:"no"`
	// Always is for a store that proved every address.
	Always bool `yaml:"always"`
}
