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
//	RevokeOtherSessions, RevokeSession
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
package kratos
