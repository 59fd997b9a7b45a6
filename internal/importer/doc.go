// Package importer moves the accounts of a legacy store into Kratos, and can prove afterwards what became of every row. It is the
// logic of cmd/import-accounts, and is called by it and by the demo; it knows neither command lines nor pages.
//
// A run reads the source three times and walks this path (one file each):
//
//	input.go      opens the source; what can be read once only is copied first. reimport.go knows a corrected file of ours
//	scan.go       every row → checks → journal. Nothing was sent yet: a bad file, profile or disk stops here
//	inventory.go  Kratos's accounts, listed a thousand at a time, settle what is there already and what conflicts
//	feed.go       the rows that are left → batches → package send → journal
//	files.go      rejected.csv, conflicts.csv, kept.csv, disappeared.csv
//
// Its parts: source (rows), profile (what columns mean), journal (what became of rows), send (Kratos), report (the page for
// everybody), samples (invented legacy data). The mark that each account carries is package legacy.
//
// A run that is killed leaves nothing half done: the same command walks the path again, and finds in the journal and in Kratos
// what it had done.
package importer
