// Package profiles holds the profiles that an operator starts from and the example campaign, so that the demo and the tests run the very
// files that are given away. Called by import-accounts and the demo.
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
