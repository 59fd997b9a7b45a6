// Package settings reads the settings of our own programs: flags over environment over file over defaults, into one
// typed struct, all errors at once. It is the only importer of viper; Kratos's documents are package config's affair.
//
// Programs under cmd call it before they listen; packages get the struct or, better, the values.
package settings

import (
	"time"
)

// Settings of selfservice-ui. The tag is the key in the file; the flag has dashes for underscores, the environment
// variable is EFP_ and capitals: kratos_url, --kratos-url, EFP_KRATOS_URL. Secrets are read from a file when the
// variable ends in _FILE (EFP_HOOK_KEY_FILE).
type Settings struct {
	// Address the public listener takes. The proxy in front forwards to it.
	Listen string `key:"listen" default:"127.0.0.1:4455" help:"address of the public listener" check:"listen"`
	// Address of the internal listener: the permit hook and the health checks. Never publish it.
	InternalListen string `key:"internal_listen" default:"127.0.0.1:4456" help:"address of the internal listener (permit hook, health); never publish it" check:"listen"`
	// The site's origin, as browsers send it; its host is the only one answered. https makes cookies Secure and __Host-.
	PublicURL string `key:"public_url" default:"http://127.0.0.1:4455" help:"address of the site as browsers know it, nothing after the host" check:"origin"`
	// Kratos's public API, on the private network. The site has no use for the admin API and no setting for it.
	KratosURL string `key:"kratos_url" default:"http://127.0.0.1:4433" help:"address of Kratos's public API" check:"neighbour"`
	// Longest wait for one answer of Kratos.
	KratosTimeout time.Duration `key:"kratos_timeout" default:"5s" help:"longest wait for one answer of Kratos" check:"positive"`
	// The same where a password is saved: Kratos asks a service on the Internet whether it has leaked, takes up to 20 s to give
	// that up, and 3.2 s to give up a dead hook.
	KratosPasswordTimeout time.Duration `key:"kratos_password_timeout" default:"24s" help:"longest wait for Kratos to save a password, up to 20 s of it for the question whether it has leaked" check:"positive"`
	// Name of Kratos's session cookie: session.cookie.name in kratos.yml, where kratos-config render writes it. One that begins with
	// __Secure- no neighbour can plant over http.
	SessionCookie string `key:"session_cookie" default:"ory_kratos_session" help:"name of Kratos's session cookie" check:"cookie"`
	// Redis for several processes; empty keeps everything in this process's memory.
	RedisURL string `key:"redis_url" help:"redis://… shared by several processes; empty: memory of this process" secret:"true" check:"redis"`
	// Most entries the memory store holds; full, it refuses new ones and forgets none that is alive.
	StoreMax int `key:"store_max" default:"500000" help:"most entries of the memory store" check:"positive"`
	// Sealing keys, 32 random bytes in base64 each: the first seals, all open. Add a new one last everywhere, then put
	// it first everywhere, then remove the old one.
	Keys []string `key:"keys" help:"sealing keys, comma-separated: the first seals, all open" secret:"true" check:"keys"`
	// Shared with Kratos's permit hook.
	HookKey string `key:"hook_key" help:"secret that Kratos's permit hook sends, 32 characters or more" secret:"true" check:"required"`
	// Networks of our own proxies: what they write in X-Forwarded-For is believed. Empty believes nobody.
	TrustedProxies []string `key:"trusted_proxies" help:"networks of our own proxies, comma-separated (10.0.0.0/8): their X-Forwarded-For is believed" check:"networks"`
	// What step 1 asks besides the address: picture, proof, or nothing.
	ProtectReset []string `key:"protect_reset" default:"picture,proof" help:"what step 1 asks: picture, proof, both or nothing" check:"protections"`
	// What the login asks besides the password.
	ProtectLogin []string `key:"protect_login" default:"proof" help:"what the login asks: picture, proof, both or nothing" check:"protections"`
	// Greatest number the proof of work may have to try; half of it is the mean.
	ProofDifficulty int `key:"proof_difficulty" default:"50000" help:"greatest number that « Je ne suis pas un robot » may have to try" check:"difficulty"`
	// Folder of sound clips to use instead of those delivered; see internal/captcha/image/clips/README.md.
	CaptchaClips string `key:"captcha_clips" help:"folder of sound clips of the security code, instead of those delivered" check:"folder"`
	// Limits that differ from the defaults: rule=burst+refill/period, for instance ask.client=40+120/1h.
	Limits []string `key:"limits" help:"limits that differ, comma-separated rule=burst+refill/period" check:"limits"`
	// Wrong codes of the whole site in an hour that never count as an attack: people mistype.
	BreakerFloor int `key:"breaker_floor" default:"100" help:"wrong codes an hour on the whole site from which each code may need a security code" check:"positive"`
	// Wrong codes of the whole site in a day; beyond, codes are taken after a click in the mail alone. A stranger's guesses
	// take twice this number of accounts, divided by a million, in the worst 24 hours.
	BreakerPerDay int `key:"breaker_per_day" default:"4500" help:"wrong codes a day on the whole site; beyond, codes are taken after a click in the mail alone" check:"positive"`
	// While Redis does not answer, count the limits in this process alone instead of refusing. Locks, permits and
	// security codes never do so.
	LimitsFallBack bool `key:"limits_fall_back" default:"false" help:"count limits in this process alone while Redis does not answer"`
	// Origins a login may go on to; they are also the only ones the CSP lets a form's answer redirect to.
	ReturnTo []string `key:"return_to" help:"origins a login may go on to, comma-separated (https://service.example)" check:"origins"`
	// « Vos services » on the signed-in page: label=address.
	Services []string `key:"services" help:"« Vos services », comma-separated label=address" check:"links"`
	// Registry of the services that people sign in to; « Vos services » comes from it. Empty: no service signs people in here.
	ServicesFile string `key:"services_file" help:"services.yml, the registry of the services that people sign in to; empty: none" check:"file"`
	// Makes the opaque identifiers of people, another for each service. It never rotates: another key makes other people.
	ServicesKey string `key:"services_key" help:"key of the opaque identifiers, 32 characters or more; it never changes" secret:"true"`
	// Paths under which the CAS protocol is spoken.
	CASPrefixes []string `key:"cas_prefixes" default:"/cas" help:"paths of the CAS protocol, comma-separated (/cas)" check:"paths"`
	// Hydra's admin API, on the private network: OpenID Connect for the services of the registry. The site calls its login, consent and
	// logout requests, and ends its sessions. Empty: no service speaks OpenID Connect.
	HydraURL string `key:"hydra_url" help:"address of Hydra's admin API (OpenID Connect); empty: none" check:"optional-neighbour"`
	// Languages offered; the first the site has is French.
	Languages []string `key:"languages" default:"fr" help:"languages offered (fr, en)" check:"languages"`

	// Official title of the ministry, lines separated by |. It changes by decree.
	Ministry string `key:"ministry" default:"Ministère|du Travail,|du Plein emploi|et de l’Insertion" help:"official title of the ministry, lines separated by |" check:"required"`
	// Name of the service in the header.
	ServiceName string `key:"service_name" default:"EFP Connect" help:"name of the service" check:"required"`
	// Label of a test environment, shown on every page and kept out of search engines; empty in production.
	EnvironmentLabel string `key:"environment_label" help:"label of a test environment; empty in production"`
	// Name of the portal the accounts come from.
	OldPortal string `key:"old_portal" default:"Mes Démarches" help:"name of the portal the accounts come from" check:"required"`
	// Help desk's page: « Assistance : Cliquez ici ! ».
	AssistanceURL string `key:"assistance_url" default:"https://assistance.example.test/" help:"help desk's page" check:"url"`
	// « Contacts utiles »; empty shows the words without a link.
	ContactsURL string `key:"contacts_url" help:"« Contacts utiles » page" check:"optional-url"`
	// « Je donne mon avis » (JDMA) on the last page of the reset; empty hides the button.
	FeedbackURL string `key:"feedback_url" help:"where people say what they think of the service, from the last page" check:"optional-url"`
	// Where an account is created; empty hides the link.
	CreateAccountURL string `key:"create_account_url" help:"where an account is created" check:"optional-url"`
	// Whether people create an account on the site itself: closed, open, or open for the addresses of some domains. Kratos's own switch
	// is values.registration in its configuration: both say the same. Closed leaves the link to create_account_url.
	Registration        string   `key:"registration" default:"closed" help:"accounts created on the site: closed, open or domains" check:"registration"`
	RegistrationDomains []string `key:"registration_domains" help:"with registration domains: whose addresses may have an account, comma-separated" check:"domains"`
	// Address the mails come from, as step 2 announces it: courier.smtp.from_address in kratos.yml.
	MailSender string `key:"mail_sender" default:"no-reply@example.test" help:"address the mails come from" check:"mail"`
	// Domains that many accounts have, beside the well-known ones: step 1 asks « Vouliez-vous dire … ? » about a misspelling.
	MailDomains []string `key:"mail_domains" help:"domains that many accounts have, comma-separated: step 1 asks about a misspelling of them" check:"domains"`
	// Names of the traits that the mail greets by, where Kratos's accounts have another schema than ours; empty where they have
	// no such trait. Read by kratos-config.
	TraitTitle      string `key:"trait_title" default:"title" help:"trait that holds « Madame » or « Monsieur »; empty: there is none"`
	TraitGivenName  string `key:"trait_given_name" default:"given_name" help:"trait that holds the given name; empty: there is none"`
	TraitFamilyName string `key:"trait_family_name" default:"family_name" help:"trait that holds the family name; empty: there is none"`
	// Relay for the notice « votre mot de passe a été modifié »; empty sends none.
	NoticeSMTP string `key:"notice_smtp" help:"smtp://relay:587, smtps:// or smtp+starttls:// for the notice after a change; empty: no notice" secret:"true" check:"relay"`
	// Further links of the footer, besides those that a State site must have: label=address.
	Legal []string `key:"legal" help:"further links of the footer, comma-separated label=address" check:"links"`
	// Addresses that stand in place of the site's own pages; empty: the site's own.
	AccessibilityURL string `key:"accessibility_url" help:"accessibility statement elsewhere; empty: the site's own page" check:"optional-url"`
	LegalNoticeURL   string `key:"legal_notice_url" help:"legal notice elsewhere; empty: the site's own page" check:"optional-url"`
	PersonalDataURL  string `key:"personal_data_url" help:"personal data page elsewhere; empty: the site's own page" check:"optional-url"`
	CookiesURL       string `key:"cookies_url" help:"cookies page elsewhere; empty: the site's own page" check:"optional-url"`
	// What those pages say and this product cannot know. An empty one is marked on its page, and fails kratos-config doctor.
	AccessibilityState   string `key:"accessibility_state" default:"none" help:"what an audit said: none, partial or full" check:"state"`
	AccessibilityContact string `key:"accessibility_contact" help:"who answers about accessibility: an address or a page" hole:"accessibility_url"`
	LegalPublisher       string `key:"legal_publisher" help:"who publishes the site: name and postal address" hole:"legal_notice_url"`
	LegalDirector        string `key:"legal_director" help:"director of the publication" hole:"legal_notice_url"`
	LegalHost            string `key:"legal_host" help:"who hosts the site: name, postal address, telephone" hole:"legal_notice_url"`
	DataController       string `key:"data_controller" help:"who answers for the processing of personal data" hole:"personal_data_url"`
	DataBasis            string `key:"data_basis" help:"legal basis of the processing, article 6 GDPR" hole:"personal_data_url"`
	DataRecipients       string `key:"data_recipients" help:"who receives personal data" hole:"personal_data_url"`
	DataOfficer          string `key:"data_officer" help:"how to reach the data protection officer" hole:"personal_data_url"`
	KeptAccounts         string `key:"kept_accounts" help:"how long accounts are kept" hole:"personal_data_url"`
	KeptLogs             string `key:"kept_logs" help:"how long logs are kept" hole:"personal_data_url"`
	KeptRelay            string `key:"kept_relay" help:"how long the mail relay keeps its logs" hole:"personal_data_url"`
	KeptImport           string `key:"kept_import" help:"how long the files of the import are kept" hole:"personal_data_url"`
	// Contact of security.txt (RFC 9116): mailto: or https:.
	SecurityContact string `key:"security_contact" help:"contact of /.well-known/security.txt, mailto:… or https://…" check:"contact"`
	// The first-login notice on the login page.
	Notice bool `key:"notice" default:"true" help:"show the first-login notice"`
	// Last moment of the notice (RFC 3339); zero for no end.
	NoticeUntil time.Time `key:"notice_until" help:"last moment of the notice, RFC 3339"`

	// How many logins this process has Kratos judge at once: more than Kratos hashes within answer_after would tell by the clock who
	// has an account.
	KratosHashes int `key:"kratos_hashes" default:"6" help:"logins that Kratos judges at once for this process" check:"positive"`
	// Pause between two mails of one flow.
	ResendAfter time.Duration `key:"resend_after" default:"60s" help:"pause between two mails" check:"positive"`
	// Instant at which step 1, a resend and a refused login answer, whatever Kratos did: longer than Kratos takes, less than
	// request_timeout.
	AnswerAfter time.Duration `key:"answer_after" default:"800ms" help:"instant at which answers that could tell whether an account exists leave" check:"positive"`
	// Identifiers of accounts kept to measure Kratos by, one for each kind of hash that it holds, each with a password that
	// nobody knows. Without any, answer_after is the instant however slow Kratos is.
	LoginCanaries []string `key:"login_canaries" help:"identifiers of accounts kept to measure how long a login takes, comma-separated" check:"mails"`
	// Longest life of a request: longer than step 3 may take, so that who sends its form again gets the first one's answer.
	RequestTimeout time.Duration `key:"request_timeout" default:"45s" help:"longest life of a request" check:"positive"`
	// How long a stopping process goes on taking requests while /health/serving says no: longer than the proxy needs to notice.
	Drain time.Duration `key:"drain" default:"3s" help:"how long a stopping process goes on while /health/serving says no" check:"not-negative"`
	// How long a stopping process finishes its requests.
	StopAfter time.Duration `key:"stop_after" default:"45s" help:"how long a stopping process finishes its requests" check:"positive"`
	// debug, info, warn or error.
	LogLevel string `key:"log_level" default:"info" help:"debug, info, warn or error" check:"level"`
	// Folder of the security log, in which clients have their network address in clear; empty: there is none.
	SecurityLog string `key:"security_log" help:"folder of the security log, which holds network addresses in clear; empty: none" check:"folder"`
	// How long its files stay.
	SecurityLogKeep time.Duration `key:"security_log_keep" default:"24h" help:"how long the security log's files stay" check:"positive"`
}

// StepThree bounds step 3: Kratos saves the names where accounts are created here, then the password, then ends the session, and the
// store notes it.
func (s Settings) StepThree() time.Duration {
	least := s.KratosPasswordTimeout + s.KratosTimeout + 5*time.Second
	if s.Registers() {
		least += s.KratosTimeout
	}
	return least
}

// instants is how many times answer_after the last instant of a login is; see internal/instant.
const instants = 8

// DetachedWithin bounds what goes on at Kratos after its answer has left: a login, the sending of a code.
func (s Settings) DetachedWithin() time.Duration {
	return max(s.KratosTimeout, 2*instants*s.AnswerAfter)
}
