// Package look holds the pieces that every mail of the service is made of: the template files beside this one, whose delimiters are
// [[ and ]]. Package mail makes Kratos's mails of them; the reminders (internal/importer/remind/letter) make theirs.
package look

import "embed"

// Files are html.gotmpl ("top", "bottom" and what stands between in a mail with a code), text.gotmpl and person.gotmpl.
//
//go:embed *.gotmpl
var Files embed.FS

// Left and Right are the delimiters.
const Left, Right = "[[", "]]"
