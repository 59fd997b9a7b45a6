// Package kratos speaks to the identity provider, Ory Kratos, for the site
// (its public API: Client) and for the import (its admin API). It is the only
// importer of kratos-client-go; a test elsewhere holds that rule.
//
// A reset of a password walks these calls, none of which uses a cookie (Kratos's
// API flow: the ids and the token are the secrets, and the site keeps them):
//
//	OpenRecovery                    a flow                         choose_method
//	SendCode(flow, address)         Kratos mails six digits        sent_email
//	SubmitCode(flow, code)          a session token and a settings flow
//	SetPassword(token, flow, new)   the password is changed
//	RevokeSession(token)            Kratos itself has ended the account's other sessions
//
// Login, Whoami and Logout use Kratos's browser flow, opened and posted server
// to server: its session cookie serves the other services of the domain.
//
// # Outcomes and errors
//
// What Kratos decides is an [Outcome]; each call documents which it may give.
// What kept it from deciding is an error, [ErrUnavailable] or [ErrUnexpected].
// Both come from HTTP statuses, ids and keys, never from Kratos's English
// sentences, and no error text holds a body, an address, a flow id, a code, a
// password, a token or a cookie.
//
// What decides, by call, in the order in which it is looked at ("400 flow" is a
// flow with messages, "400 error" an error object); v1.3.1 unless said:
//
//	SendCode        flow read before, passed           FlowSpent
//	                200 sent_email, 1060003            CodeSent
//	                400 flow, message at email         AddressRefused
//	                400 error, show_recovery_ui        FlowSpent (passed meanwhile)
//	SubmitCode      200, 4060006                       CodeWrong (v26.2.0: or expired)
//	                200 passed_challenge, token        CodeRight
//	                400 error, show_recovery_ui        CodeSpent
//	                400 flow choose_method, 4000002    NoCodeSent
//	                400 1060003, the address came meanwhile  NoCodeSent
//	                410 without use_flow_id            CodeExpired (never on v26.2.0)
//	SetPassword     200 success                        PasswordSet
//	                400 flow, message at password      PasswordRefused, its last message
//	                400 error, error.code 500          HookFailed
//	                403 session_refresh_required       PrivilegeOver
//	Login           400 return_to_forbidden            ReturnToForbidden
//	                400 flow, 4000006                  LoginRefused
//	                400 flow, 4000002                  LoginIncomplete
//	                200, session cookie                LoggedIn
//	any             401, details.identity_id           AccountInactive
//	                401                                SessionOver
//	                403 security_identity_mismatch     FlowForeign
//	                404, error.code 404                FlowUnknown
//	                410                                FlowExpired
//	                429, 5xx, no whole answer          ErrUnavailable
//	                anything else                      ErrUnexpected
package kratos
