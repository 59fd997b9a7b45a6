package doctor

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"efpconnect.example/selfservice-ui/sitepath"
)

// leastRetries outlive a relay that is started again, a try a second.
const leastRetries = 60

// catchers are the names of servers that keep mails for developers.
var catchers = []string{"mailslurper", "mailhog", "mailpit", "maildev", "mailcatcher", "mailtrap", "smtp4dev", "inbucket", "greenmail", "fakesmtp", "mailbox"}

// byHTTP tells a courier that hands mails to a program and not to a relay.
func (f *Facts) byHTTP() bool { return f.choice("courier.delivery_strategy") == "http" }

// mailRules: the mail leaves, once, and leads to this site.
var mailRules = []*Rule{
	{
		ID:      "mail-relay",
		Gravity: Broken,
		Why:     "Kratos gives a mail up after a few seconds. Handed to a distant server, every mail of an outage is lost without a word, while the page says that a code was sent.",
		Write:   "courier.smtp.connection_uri: a relay that queues, on the private network (smtp://relay:587/)",
		Broken:  `kratos: {courier: {smtp: {connection_uri: "smtps://u:p@smtp.provider.example.org:465/"}}}`,
		Passes:  `kratos: {courier: {smtp: {connection_uri: "smtp://relay:587/"}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			const key = "courier.smtp.connection_uri"
			u, err := url.Parse(f.text(key))
			switch {
			case f.Kratos == nil || f.byHTTP():
			case f.text(key) == "":
				say(key, "is missing")
			case err != nil || !private(u.Hostname()):
				say(key, "leads out of the private network")
			case f.inService() && slices.ContainsFunc(catchers, func(name string) bool { return strings.HasPrefix(u.Hostname(), name) }):
				say(key, "%s keeps mails for whoever looks, and sends none", u.Hostname())
			}
		},
	},
	{
		ID:      "mail-by-http",
		Gravity: Broken,
		Why:     "By HTTP, v1.3.1 hands the plain text of a mail over and no HTML: people get a code without the ministry's mail, and without an address no mail at all.",
		Write:   "courier: {delivery_strategy: smtp, smtp: {connection_uri: …}}",
		Broken:  `kratos: {courier: {delivery_strategy: http, http: {request_config: {url: "https://mails.example.org/send", method: POST}}}}`,
		Passes:  `kratos: {courier: {delivery_strategy: smtp}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			switch {
			case !f.byHTTP():
			case f.text("courier.http.request_config.url") == "":
				say("courier.http.request_config.url", "is missing: no mail leaves")
			case f.Judged == nil: // later ones send the HTML too
				say("courier.delivery_strategy", "is http, by which v1.3.1 sends no HTML (another Kratos: --schema)")
			}
		},
	},
	{
		ID:      "mail-tls",
		Gravity: Danger,
		Why:     "Each mail holds a code. Without a certificate that is looked at, or without TLS, anybody on the way may be the relay.",
		Write:   "courier.smtp.connection_uri without skip_ssl_verify, and without disable_starttls where the relay is not on the private network",
		Broken:  `kratos: {courier: {smtp: {connection_uri: "smtps://relay.example.org:465/?skip_ssl_verify=true"}}}`,
		Passes:  `kratos: {courier: {smtp: {connection_uri: "smtps://relay.example.org:465/"}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			const key = "courier.smtp.connection_uri"
			u, err := url.Parse(f.text(key))
			switch {
			case err != nil:
			case u.Query().Get("skip_ssl_verify") == "true":
				say(key, "skip_ssl_verify is true")
			case u.Query().Get("disable_starttls") == "true" && u.Scheme == "smtp" && !private(u.Hostname()):
				say(key, "disable_starttls is true, and %s is no private host", u.Hostname())
			}
		},
	},
	{
		ID:      "mail-patience",
		Gravity: Broken,
		Why: "Kratos tries a mail once a second and gives it up after so many tries: a relay that is started again loses every mail of that minute. Ten mails at once, the oldest first, " +
			"those that the relay refuses included: ten bad addresses hold everybody's mails back.",
		Write:  "courier: {message_retries: 3600, worker: {pull_count: 100}}",
		Broken: `kratos: {courier: {message_retries: 5, worker: {pull_count: 10}}}`,
		Passes: `kratos: {courier: {message_retries: 3600, worker: {pull_count: 100}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Kratos == nil {
				return
			}
			retries, pulled := f.number("courier.message_retries"), f.number("courier.worker.pull_count")
			if retries < leastRetries {
				say("courier.message_retries", "is %d%s", retries, f.unwritten("courier.message_retries"))
			}
			if retries > 60 && pulled < 50 {
				say("courier.worker.pull_count", "is %d%s, with %d tries of each mail", pulled, f.unwritten("courier.worker.pull_count"), retries)
			}
		},
	},
	{
		ID:      "one-courier",
		Gravity: Broken,
		Why:     "Without a courier no mail leaves. Two take the same queue: people get two mails, and Kratos's own tries run out twice as fast.",
		Write:   "exactly one process with `kratos courier watch` or `kratos serve --watch-courier`",
		Broken:  `processes: [{name: kratos, command: [serve, --watch-courier], replicas: 2}]`,
		Passes:  `processes: [{name: kratos, command: [serve], replicas: 2}, {name: courier, command: [courier, watch]}]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if len(f.kratos()) == 0 {
				return
			}
			couriers := 0
			for _, p := range f.kratos() {
				if contains(p.Command, "--watch-courier") || contains(p.Command, "courier") {
					couriers += p.count()
				}
			}
			if couriers != 1 {
				say("processes", "%d couriers", couriers)
			}
		},
	},
	{
		ID:      "mail-sender",
		Gravity: Broken,
		Why:     "Step 2 tells people from which address to expect the mail, so that they find it among the spam.",
		Write:   "the site's mail_sender: courier.smtp.from_address",
		Broken:  `{site: {mail_sender: no-reply@example.test}, kratos: {courier: {smtp: {from_address: no-reply@efpconnect.example.test}}}}`,
		Passes:  `{site: {mail_sender: no-reply@efpconnect.example.test}, kratos: {courier: {smtp: {from_address: no-reply@efpconnect.example.test}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			from := f.text("courier.smtp.from_address")
			if f.Site != nil && f.Site.MailSender != "" && from != f.Site.MailSender {
				say("courier.smtp.from_address", "is %q, the site says %q", from, f.Site.MailSender)
			}
		},
	},
	{
		ID:      "mail-templates",
		Gravity: Broken,
		Why:     "Kratos's own mail is in English, has no button and, in v26.2.0, shows the code in the subject. Templates that were copied and not rendered, or rendered for another site, lead people nowhere.",
		Write:   "courier.template_override_path: the folder courier-templates that `kratos-config render` writes for this environment",
		Broken:  `{kratos: {courier: {template_override_path: /etc/config/kratos/courier-templates}}, site: {public_url: "https://efpconnect.example.test"}, templates: {recovery_code/valid/email.body.gotmpl: "<a href=\"[[ .PublicURL ]]/reinitialisation/suite/{{ . }}\">"}}`,
		Passes: `{kratos: {courier: {template_override_path: /etc/config/kratos/courier-templates}}, site: {public_url: "https://efpconnect.example.test"}, templates: {recovery_code/valid/email.body.gotmpl: "<a href=\"https://efpconnect.example.test/reinitialisation/suite/{{ . }}\">",
  recovery_code/valid/email.body.plaintext.gotmpl: "https://efpconnect.example.test/reinitialisation/suite/{{ . }}", recovery_code/valid/email.subject.gotmpl: "Objet"}}`,
		check: checkTemplates,
	},
}

func checkTemplates(f *Facts, say func(string, string, ...any)) {
	if f.Kratos != nil && f.text("courier.template_override_path") == "" {
		say("courier.template_override_path", "is missing")
	}
	if f.Templates == nil || f.Site == nil {
		return
	}
	for _, part := range []string{"email.subject.gotmpl", "email.body.gotmpl", "email.body.plaintext.gotmpl"} {
		name := "recovery_code/valid/" + part
		content, there := f.Templates[name]
		switch {
		case !there:
			say(name, "is missing")
		case strings.Contains(content, "[["):
			say(name, "was not rendered: it still holds [[ ]]")
		case strings.Contains(part, "body") && !strings.Contains(content, f.Site.PublicURL+sitepath.ResetLink):
			say(name, "does not lead to %s", f.Site.PublicURL)
		}
	}
}

// private tells a host that the Internet cannot have: a bare name, a private address, or a name of a private zone.
func private(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsPrivate() || address.IsLoopback()
	}
	if !strings.Contains(host, ".") {
		return host != ""
	}
	zone := host[strings.LastIndexByte(host, '.')+1:]
	return slices.Contains([]string{"internal", "local", "localhost", "lan", "intra", "svc"}, zone)
}
