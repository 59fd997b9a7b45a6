package mail

import (
	"fmt"

	"efpconnect.example/selfservice-ui/sitepath"
)

// Kind is a mail of Kratos's, by the folder in which Kratos looks for its templates.
type Kind string

// Every mail that Kratos can send to this project's accounts. What is never asked for has its words too: a template that is missing
// falls back to Kratos's own, in English.
const (
	RecoveryCode     Kind = "recovery_code/valid"
	RegistrationCode Kind = "registration_code/valid"
	VerificationCode Kind = "verification_code/valid"
	// UnknownRecovery and UnknownVerification go to addresses without account, where notify_unknown_recipients is on.
	UnknownRecovery     Kind = "recovery_code/invalid"
	UnknownVerification Kind = "verification_code/invalid"
	// LoginCode holds no code: the site refuses each login by code.
	LoginCode Kind = "login_code/valid"
)

// Kinds lists them in a fixed order.
var Kinds = []Kind{RecoveryCode, RegistrationCode, VerificationCode, UnknownRecovery, UnknownVerification, LoginCode}

// Where Kratos looks in a kind's folder.
func (k Kind) subject() string { return string(k) + "/email.subject.gotmpl" }
func (k Kind) html() string    { return string(k) + "/email.body.gotmpl" }
func (k Kind) text() string    { return string(k) + "/email.body.plaintext.gotmpl" }

// page is what the [[ ]] of one kind's templates are filled from.
type page struct {
	Constants
	Title     string // subject and heading
	Preheader string // what a list of mails shows after the subject
	Code      string // name of the code in Kratos's data; "" for a mail without
	Path      string // of the button, before the sealed link
	Button    string
	Unchanged string // what happens when the mail is ignored
}

func (k Kind) page(c Constants) page {
	p := page{
		Constants: c,
		Preheader: "Votre code de validation est dans ce message. Il expirera au bout de " + c.Lifetime() + ".",
		Unchanged: "rien n’est modifié.",
	}
	switch k {
	case RecoveryCode:
		p.Title = fmt.Sprintf("Réinitialisation du mot de passe de votre compte %s", c.ServiceName)
		p.Code, p.Path, p.Button = "RecoveryCode", sitepath.ResetLink, "Réinitialiser mon mot de passe"
		p.Unchanged = "votre mot de passe reste inchangé."
	case RegistrationCode:
		p.Title = fmt.Sprintf("Création de votre compte %s", c.ServiceName)
		p.Code, p.Path, p.Button = "RegistrationCode", sitepath.RegistrationLink, "Créer mon compte"
		p.Unchanged = "aucun compte ne sera créé."
	case VerificationCode:
		p.Title = fmt.Sprintf("Validation de votre adresse e-mail %s", c.ServiceName)
		p.Code = "VerificationCode"
	case UnknownRecovery:
		p.Title = fmt.Sprintf("Réinitialisation du mot de passe %s", c.ServiceName)
		p.Preheader = "Aucun compte n’est rattaché à cette adresse."
	case UnknownVerification:
		p.Title = fmt.Sprintf("Validation d’une adresse e-mail %s", c.ServiceName)
		p.Preheader = "Aucun compte n’est rattaché à cette adresse."
	case LoginCode:
		p.Title = fmt.Sprintf("Connexion à votre compte %s", c.ServiceName)
		p.Preheader = "Votre compte s’ouvre par son mot de passe seul."
	}
	return p
}
