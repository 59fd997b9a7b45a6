package limit

import "strings"

// FoldAddress writes an e-mail address as Kratos looks it up, for recovery and
// for login by password alike (stringToLowerTrim in Kratos v1.3.1,
// persistence/sql/identity/persister_identity.go): spellings that reach one
// account share one budget. Kratos applies no Unicode normalisation, so neither
// does this; a database with an accent-blind collation (MySQL's default) finds
// accounts by more spellings than that. PostgreSQL and SQLite do not.
func FoldEmail(address string) string {
	return strings.ToLower(strings.TrimSpace(address))
}
