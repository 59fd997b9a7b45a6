// Package profiles holds the example profile and the example campaign, so that the demo and the tests run the very files that an
// operator copies.
package profiles

import _ "embed"

// MesDemarches is the profile of the portal "Mes Démarches".
//
//go:embed mes-demarches.yml
var MesDemarches []byte

// Campaign is the example of a campaign of reminders.
//
//go:embed campagne.yml
var Campaign []byte
