package doctor

import (
	"efpconnect.example/selfservice-ui/sitepath"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// mailRules: the mail leaves, once, and leads to this site.
var mailRules = []*Rule{
	{
		ID:     "mail-relay",
		Why:    "Kratos gives a mail up after a few seconds. Handed to a distant server, every mail of an outage is lost without a word, while the page says that a code was sent.",
		Write:  "courier.smtp.connection_uri: a relay that queues, on the private network (smtp://relay:587/)",
		Broken: `kratos: {courier: {smtp: {connection_uri: "smtps://u:p@smtp.provider.example.org:465/"}}}`,
		Passes: `kratos: {courier: {smtp: {connection_uri: "smtp://relay:587/"}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			uri := f.text("courier.smtp.connection_uri")
			if u, err := url.Parse(uri); uri != "" && (err != nil || !private(u.Hostname())) {
				say("courier.smtp.connection_uri", "leads out of the private network")
			}
			if uri == "" && f.Kratos != nil {
				say("courier.smtp.connection_uri", "is missing")
			}
		},
	},
	{
		ID:     "one-courier",
		Why:    "Without a courier no mail leaves. Two take the same queue: people get two mails, and Kratos's own tries run out twice as fast.",
		Write:  "exactly one process with `kratos courier watch` or `kratos serve --watch-courier`",
		Broken: `processes: [{name: kratos, command: [serve, --watch-courier], replicas: 2}]`,
		Passes: `processes: [{name: kratos, command: [serve], replicas: 2}, {name: courier, command: [courier, watch]}]`,
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
		ID:     "mail-sender",
		Why:    "Step 2 tells people from which address to expect the mail, so that they find it among the spam.",
		Write:  "the site's mail_sender: courier.smtp.from_address",
		Broken: `{site: {mail_sender: no-reply@example.test}, kratos: {courier: {smtp: {from_address: no-reply@efpconnect.example.test}}}}`,
		Passes: `{site: {mail_sender: no-reply@efpconnect.example.test}, kratos: {courier: {smtp: {from_address: no-reply@efpconnect.example.test}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			from := f.text("courier.smtp.from_address")
			if f.Site != nil && f.Site.MailSender != "" && from != f.Site.MailSender {
				say("courier.smtp.from_address", "is %q, the site says %q", from, f.Site.MailSender)
			}
		},
	},
	{
		ID:     "mail-templates",
		Why:    "Kratos's own mail is in English, has no button and, in v26.2.0, shows the code in the subject. Templates that were copied and not rendered, or rendered for another site, lead people nowhere.",
		Write:  "courier.template_override_path: the folder courier-templates that `kratos-config render` writes for this environment",
		Broken: `{kratos: {courier: {template_override_path: /etc/config/kratos/courier-templates}}, site: {public_url: "https://efpconnect.example.test"}, templates: {recovery_code/valid/email.body.gotmpl: "<a href=\"[[ .PublicURL ]]/reinitialisation/suite/{{ . }}\">"}}`,
		Passes: `{kratos: {courier: {template_override_path: /etc/config/kratos/courier-templates}}, site: {public_url: "https://efpconnect.example.test"}, templates: {recovery_code/valid/email.body.gotmpl: "<a href=\"https://efpconnect.example.test/reinitialisation/suite/{{ . }}\">",
  recovery_code/valid/email.body.plaintext.gotmpl: "https://efpconnect.example.test/reinitialisation/suite/{{ . }}", recovery_code/valid/email.subject.gotmpl: "Objet"}}`,
		check: checkTemplates,
	},
}

func checkTemplates(f *Facts, say func(string, string, ...any)) {
	if f.text("courier.template_override_path") == "" {
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
