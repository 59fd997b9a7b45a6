package limit

import "time"

// Scope says what a rule's key stands for.
type Scope string

// The scopes of a rule.
const (
	PerClient  Scope = "client"  // network address, see Keys
	PerAddress Scope = "address" // e-mail address, folded and hashed; known or unknown alike
	PerService Scope = "service" // an entry of services.yml, whichever machine calls
	SiteWide   Scope = "site"
)

// Name identifies a rule, in code, settings and metrics.
type Name string

// The rules. "Proven" is a browser that came by the button of the mail: it has
// proved the mailbox, and has budgets that no stranger can spend. Tries per
// flow are not here: nothing refills them (see TriesPerFlow). Nor is the pause
// between two mails of a flow: it is the flow's own (setting resend_after).
const (
	AskClient     Name = "ask.client"
	AskSite       Name = "ask.site"
	AskKept       Name = "ask.kept"     // the share of a browser that logged in to this address before
	MailEmail     Name = "mail.address" // first mail and unproven resends together
	MailProven    Name = "mail.proven"  // resends of a proven browser
	CodeClient    Name = "code.client"
	CodeEmail     Name = "code.address" // unproven browsers
	CodeProven    Name = "code.proven"
	LoginClient   Name = "login.client"
	LoginEmail    Name = "login.address"
	LoginKnown    Name = "login.known" // a browser that logged in to this address before
	LoginSite     Name = "login.site"
	LoginKept     Name = "login.kept"     // the share of a browser that logged in to this address before
	SessionClient Name = "session.client" // questions to Kratos whose session a browser brings
	LogoutClient  Name = "logout.client"
	PageClient    Name = "page.client"  // pages that ask something: each keeps an answer in the store for ten minutes
	ProofClient   Name = "proof.client" // questions for the proof of work
	PictureClient Name = "picture.client"
	PictureSite   Name = "picture.site"
	SoundClient   Name = "sound.client"
	SoundSite     Name = "sound.site"
	LinkClient    Name = "link.client"
	TicketService Name = "ticket.service" // tickets that a service asks about
)

const (
	// TriesPerFlow is Kratos's own count (persistence/sql/persister_code.go in
	// v1.3.1), shared by whoever holds the flow.
	TriesPerFlow = 5
	// TriesKept of them are for a proven browser, so that a stranger cannot
	// use up the code of a person who has it under their eyes. Package recovery
	// counts both kinds in the flow's state.
	TriesKept = 2
)

// Rule is one limit, and where its number comes from.
type Rule struct {
	Name  Name
	Scope Scope
	Budget
	Source string
}

const day = 24 * time.Hour

// Defaults returns the rules as delivered. A whole school or company may stand
// behind one network address, so the limits per client are wide; those per
// e-mail address are the strict ones.
func Defaults() []Rule {
	return []Rule{
		{AskClient, PerClient, Budget{40, 120, time.Hour}, "CNIL guide for developers: limit requests per IP; OWASP Forgot Password"},
		{AskSite, SiteWide, Budget{2000, 20_000, time.Hour}, "capacity: what a mail relay takes without being taken for a spammer"},
		{AskKept, SiteWide, Budget{400, 4000, time.Hour}, "a fifth of ask.site again: no crowd of strangers keeps the owners of accounts out"},
		{MailEmail, PerAddress, Budget{5, 10, day}, "ProConnect Identité: 5 mails in 15 minutes for an address; OWASP: limit per account"},
		{MailProven, PerAddress, Budget{5, 10, day}, "the same for the person who holds the mailbox"},

		{CodeClient, PerClient, Budget{30, 60, time.Hour}, "CNIL guide for developers: limit requests per IP"},
		{CodeEmail, PerAddress, Budget{10, 15, day}, "CNIL 2022-100: at most 25 failures in 24 hours"},
		{CodeProven, PerAddress, Budget{10, 15, day}, "CNIL 2022-100: at most 25 failures in 24 hours"},

		{LoginClient, PerClient, Budget{60, 240, time.Hour}, "CNIL guide for developers: limit requests per IP"},
		{LoginEmail, PerAddress, Budget{10, 15, day}, "CNIL 2022-100: at most 25 failures in 24 hours; NIST SP 800-63B: at most 100 in a row"},
		{LoginKnown, PerAddress, Budget{10, 15, day}, "OWASP device cookie: a stranger's failures do not lock the owner out"},
		{LoginSite, SiteWide, Budget{500, 36_000, time.Hour}, "capacity: ten password hashes a second"},
		{LoginKept, SiteWide, Budget{100, 7200, time.Hour}, "a fifth of login.site again: no crowd of strangers keeps the owners of accounts out"},
		{SessionClient, PerClient, Budget{120, 1200, time.Hour}, "one for each page that greets or leads on who is signed in"},
		{LogoutClient, PerClient, Budget{30, 240, time.Hour}, "as many as logins; past it the browser forgets its session all the same"},

		{PageClient, PerClient, Budget{300, 1200, time.Hour}, "capacity: it takes robots in 120 networks (IPv4 /24) to fill the memory store as delivered"},
		{ProofClient, PerClient, Budget{200, 720, time.Hour}, "two proofs for each login and each code that may be asked"},
		{PictureClient, PerClient, Budget{40, 240, time.Hour}, "two pictures for each code that may be asked"},
		{PictureSite, SiteWide, Budget{1000, 180_000, time.Hour}, "capacity: fifty pictures a second"},
		{SoundClient, PerClient, Budget{20, 120, time.Hour}, "one sound for each code that may be asked"},
		{SoundSite, SiteWide, Budget{200, 36_000, time.Hour}, "capacity: ten sounds a second"},
		{LinkClient, PerClient, Budget{60, 3600, time.Hour}, "ProConnect Identité: 60 requests a minute; mail scanners follow links in bulk"},
		{TicketService, PerService, Budget{1000, 180_000, time.Hour}, "capacity: fifty validations a second; one service's loop leaves the others alone"},
	}
}
