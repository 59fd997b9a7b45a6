// Package sitepath is every path of the site, once. Whatever names a page by its address calls it; it imports nothing.
package sitepath

// The login.
const (
	Login    = "/connexion"
	Continue = Login + "/suite" // leads on to the service that asked for the login
	Services = "/services"
	Logout   = "/deconnexion"
)

// What Hydra leads to (OpenID Connect); its logout challenges come to Logout.
const (
	ServiceLogin = Login + "/service"
	Consent      = "/consentement"
)

// The reset, a path a step.
const (
	Reset         = "/reinitialisation"
	ResetLink     = Reset + "/suite/" // followed by the mail's sealed link
	ResetCode     = Reset + "/code"
	ResetResend   = ResetCode + "/renvoi"
	ResetPassword = Reset + "/mot-de-passe"
	ResetDone     = Reset + "/terminee"
)

// Creating an account.
const (
	Registration         = "/creer-un-compte"
	RegistrationLink     = Registration + "/suite/" // followed by the mail's sealed link
	RegistrationCode     = Registration + "/code"
	RegistrationResend   = RegistrationCode + "/renvoi"
	RegistrationPassword = Registration + "/mot-de-passe"
	RegistrationExists   = Registration + "/compte-existant"
	RegistrationDone     = Registration + "/termine"
)

// The user's guide.
const (
	HelpFolder = "/aide"
	Help       = HelpFolder + "/premiere-connexion"
)

// Display is « Paramètres d’affichage ».
const Display = "/affichage"

// PermitHook is where Kratos asks, on the internal listener, before it saves a password. The documents for Kratos name it too.
const PermitHook = "/hooks/password-permit"

// Security is followed by what a security code needs: its picture, its sound, the proof's challenge.
const Security = "/securite/"

// What a State site owes its visitors.
const (
	Accessibility = "/accessibilite"
	LegalNotice   = "/mentions-legales"
	PersonalData  = "/donnees-personnelles"
	Cookies       = "/cookies"
	Assistance    = "/assistance"
	Sitemap       = "/plan-du-site"
)
