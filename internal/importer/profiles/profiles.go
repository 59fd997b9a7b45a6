// Package profiles holds the example profile, so that the demo and the tests run the very file that an operator copies.
package profiles

import _ "embed"

// MesDemarches is the profile of the portal "Mes Démarches".
//
//go:embed mes-demarches.yml
var MesDemarches []byte
