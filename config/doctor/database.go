package doctor

import (
	"net/url"
	"slices"
	"strings"
)

// databaseRules: accounts are in one place, and are read by nobody on the way there, nor in the log.
var databaseRules = []*Rule{
	{
		ID:      "database-shared",
		Gravity: Broken,
		Why:     "In memory, or in a file of one machine or container, the accounts are gone with it, and a second Kratos knows none of them.",
		Write:   "dsn: postgres://… or cockroach://…",
		Broken:  `{kratos: {dsn: memory}, site: {public_url: "https://efpconnect.example.test"}}`,
		Passes:  `{kratos: {dsn: "postgres://kratos:p@postgres:5432/kratos"}, site: {public_url: "https://efpconnect.example.test"}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			dsn := f.text("dsn")
			scheme, _, _ := strings.Cut(dsn, ":")
			// None at all is a variable's affair where no process is known.
			if (len(f.kratos()) > 0 || dsn != "" && f.inService()) && !contains([]string{"postgres", "postgresql", "cockroach", "cockroachdb", "mysql"}, scheme) {
				say("dsn", "is no database server")
			}
		},
	},
	{
		ID:      "database-tls",
		Gravity: Danger,
		Why:     "Every account, code and hash crosses a network that is not yours in clear, and the database's password with them.",
		Write:   "dsn: …?sslmode=verify-full (MySQL: tls=true), or a database on the private network",
		Broken:  `kratos: {dsn: "postgres://kratos:p@db.example.org:5432/kratos?sslmode=disable"}`,
		Passes:  `kratos: {dsn: "postgres://kratos:p@db.example.org:5432/kratos?sslmode=verify-full"}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			host, secured := databaseHost(f.text("dsn"))
			if host != "" && !private(host) && !secured {
				say("dsn", "%s is no private host, and the connection is not bound to TLS", host)
			}
		},
	},
	{
		ID:      "log-silent",
		Gravity: Danger,
		Why:     "The log would hold addresses, codes and session tokens in clear, for whoever reads logs.",
		Write:   "log.leak_sensitive_values: false, log.level: info",
		Broken:  `kratos: {log: {leak_sensitive_values: true}}`,
		Passes:  `kratos: {log: {leak_sensitive_values: false, level: info}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.truth("log.leak_sensitive_values") {
				say("log.leak_sensitive_values", "is true")
			}
			if contains([]string{"trace", "debug"}, f.text("log.level")) {
				say("log.level", "is %q", f.text("log.level"))
			}
		},
	},
}

// databaseServers are the schemes of databases that several Kratos share.
var databaseServers = []string{"postgres", "postgresql", "cockroach", "cockroachdb", "mysql"}

// databaseHost is where a database is, and whether the connection is refused without TLS; "" for no server, and for a socket.
func databaseHost(dsn string) (host string, secured bool) {
	scheme, rest, _ := strings.Cut(dsn, "://")
	if !slices.Contains(databaseServers, scheme) {
		return "", false
	}
	if scheme == "mysql" { // user:password@tcp(host:port)/name?tls=true
		rest = rest[strings.LastIndexByte(rest, '@')+1:]
		address, inside := strings.CutPrefix(rest, "tcp(")
		address, _, _ = strings.Cut(address, ")")
		if !inside {
			address, _, _ = strings.Cut(rest, "/")
		}
		if strings.HasPrefix(rest, "unix(") {
			return "", false
		}
		_, query, _ := strings.Cut(rest, "?")
		values, _ := url.ParseQuery(query)
		return hostOf("mysql://" + address), values.Get("tls") == "true" || values.Get("tls") == "custom"
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", false
	}
	return u.Hostname(), slices.Contains([]string{"require", "verify-ca", "verify-full"}, u.Query().Get("sslmode"))
}
