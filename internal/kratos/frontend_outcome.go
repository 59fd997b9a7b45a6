package kratos

// Outcome is what Kratos decided about one call. Its text is fit for logs and
// metrics.
type Outcome string

// Outcomes that several calls share.
const (
	// FlowExpired: the flow outlived selfservice.flows.*.lifespan. A new one is needed.
	FlowExpired Outcome = "flow_expired"
	// FlowUnknown: Kratos has no such flow (never had, or cleaned it up).
	FlowUnknown Outcome = "flow_unknown"
	// AccountInactive: everything was right, but the account is disabled.
	AccountInactive Outcome = "account_inactive"
	// SessionOver: the session token or cookie is revoked, expired or garbage.
	SessionOver Outcome = "session_over"
)

// Outcomes of SendCode.
const (
	// CodeSent: Kratos says so for known and unknown addresses alike.
	CodeSent Outcome = "code_sent"
	// AddressRefused: Kratos does not take it for an e-mail address.
	AddressRefused Outcome = "address_refused"
	// FlowSpent: the flow's code was already accepted, so it sends no other.
	FlowSpent Outcome = "flow_spent"
)

// Outcomes of SubmitCode.
const (
	CodeRight Outcome = "code_right"
	CodeWrong Outcome = "code_wrong"
	// CodeSpent: too many tries, or a code used before. Kratos tells the two
	// apart by an English sentence alone; the site knows its own count.
	CodeSpent Outcome = "code_spent"
	// CodeExpired: the flow lives, its code does not. Kratos v1.3 only: from
	// v25 on an expired code is CodeWrong.
	CodeExpired Outcome = "code_expired"
	// NoCodeSent: the flow never got an address, so no code can be right.
	NoCodeSent Outcome = "no_code_sent"
)

// Outcomes of SubmitRegistrationCode, beside CodeRight, CodeWrong and CodeSpent.
const (
	// AccountExists: the code was right, and the address has an account already.
	AccountExists Outcome = "account_exists"
	// HookRefused: the code was right, and the permit hook said no. No account was made; the code is spent.
	HookRefused Outcome = "hook_refused"
)

// Outcomes of OpenSettings and SetProfile.
const (
	SettingsOpened Outcome = "settings_opened"
	ProfileSet     Outcome = "profile_set"
	// ProfileRefused: see ProfileResult.Traits.
	ProfileRefused Outcome = "profile_refused"
)

// Outcomes of SetPassword.
const (
	PasswordSet Outcome = "password_set"
	// PasswordRefused: see PasswordResult.Reason.
	PasswordRefused Outcome = "password_refused"
	// HookFailed: the permit hook did not answer, or nonsense. Nothing was saved.
	HookFailed Outcome = "hook_failed"
	// PrivilegeOver: the session is older than privileged_session_max_age.
	// It cannot be refreshed by an account without a password: start again.
	PrivilegeOver Outcome = "privilege_over"
	// FlowForeign: the settings flow belongs to another account's session.
	FlowForeign Outcome = "flow_foreign"
)

// Outcomes of Login.
const (
	LoggedIn Outcome = "logged_in"
	// LoginRefused: wrong password, unknown identifier, account without
	// password, or disabled account with a wrong password; never which.
	LoginRefused Outcome = "login_refused"
	// LoginIncomplete: the identifier or the password is empty.
	LoginIncomplete Outcome = "login_incomplete"
	// ReturnToForbidden: not under selfservice.allowed_return_urls.
	ReturnToForbidden Outcome = "return_to_forbidden"
)
