// Package lifetime says how long a person has for each step. The pages and the mails say it, Kratos is configured with it and the
// doctor compares with it: whatever needs one of these times reads it here. config/kratos.yml is tested against it.
package lifetime

import "time"

const (
	// Code is how long a mailed code is right: selfservice.methods.code.config.lifespan.
	Code = 24 * time.Hour
	// Flow is how long a reset, or the creation of an account, may take: the lifespan of Kratos's flow of the same name.
	// It is twice Code, so that a code sent again at the last moment lives as long as the first.
	Flow = 2 * Code
	// Password is how long a right code lets its person choose a password: selfservice.flows.settings.lifespan.
	Password = time.Hour
	// Session is how long a login holds: session.lifespan.
	Session = 24 * time.Hour
)
