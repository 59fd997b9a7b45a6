package doctor

import (
	"net/netip"
	"path"
	"slices"
	"strings"
)

// commandLine are keys of Kratos's schema that belong to its command line; the last one is asked for by telemetry-off.
var commandLine = []string{"help", "config", "sqa-opt-out"}

// configures tells a variable that Kratos reads as a key of its configuration.
func (f *Facts) configures(variable string) bool {
	for _, key := range f.schema().Below("") {
		name := strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
		if !slices.Contains(commandLine, key) && (variable == name || strings.HasPrefix(variable, name+"_")) {
			return true
		}
	}
	return false
}

// processRules: who runs, how many times, and who can reach whom.
var processRules = []*Rule{
	{
		ID:      "ports-private",
		Gravity: Danger,
		Why:     "The admin port asks nobody for anything: whoever reaches it reads every account and sets every password. On the public port, neither the captcha nor a limit stands before the codes.",
		Write:   "publish the proxy alone, and no Kratos on the host's own network; services check sessions by the proxy's whoami route",
		Broken:  `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve], published: [4433, 4434]}]`,
		Passes:  `processes: [{name: kratos, image: "oryd/kratos:v26.2.0", command: [serve]}, {name: proxy, image: "haproxy:3.0", published: [443]}]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.kratos() {
				for _, port := range p.Published {
					say(p.Name, "publishes port %d", port)
				}
				if p.Host {
					say(p.Name, "is on the host's own network")
				}
			}
		},
	},
	{
		ID:      "ports-bound",
		Gravity: Danger,
		Why:     "A port that listens everywhere is as private as the least private network of its machine. The admin port asks nobody for anything; the site has no use for it, and one that cannot reach it gives no account away, whatever is found in it.",
		Write:   "serve.public.host and serve.admin.host: each an address, or a name that stands for one; the admin's on a network that the site is not on",
		Broken:  `kratos: {serve: {public: {host: 10.1.0.5}, admin: {host: 0.0.0.0}}}`,
		Passes:  `kratos: {serve: {public: {host: 10.1.0.5}, admin: {host: 10.2.0.5}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			if f.Kratos == nil {
				return
			}
			for _, key := range []string{"serve.public.host", "serve.admin.host"} {
				host := f.choice(key)
				address, err := netip.ParseAddr(host)
				switch {
				case host == "" || err == nil && address.IsUnspecified():
					say(key, "is %q%s: all addresses of the machine", host, f.unwritten(key))
				case err == nil && !private(host):
					say(key, "is %s, an address of the Internet", host)
				}
			}
			if f.number("serve.public.port") == f.number("serve.admin.port") && f.choice("serve.public.host") == f.choice("serve.admin.host") {
				say("serve.admin.port", "is that of serve.public: one of the two does not start")
			}
		},
	},
	{
		ID:      "replicas-share",
		Gravity: Broken,
		Why:     "Permits, tries, captchas and outcomes live in the store. In the memory of one process, the other knows none of it: every second password is refused.",
		Write:   "the site's redis_url, as soon as there are two of it",
		Broken:  `{site: {shared_store: false}, processes: [{name: site, command: [/bin/selfservice-ui], replicas: 2}]}`,
		Passes:  `{site: {shared_store: true}, processes: [{name: site, command: [/bin/selfservice-ui], replicas: 2}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.Processes {
				if f.Site != nil && !f.Site.SharedStore && p.site() && p.count() > 1 {
					say(p.Name, "%d replicas, each with a memory of its own", p.count())
				}
			}
		},
	},
	{
		ID:      "variables-win",
		Gravity: Broken,
		Why:     "Kratos lets a variable of its environment win over the file, in silence: what was rendered, validated and examined is not what runs.",
		Write:   "no variable named after a key of Kratos; put the value in an overlay and render",
		Broken:  `variables: [PATH, SELFSERVICE_METHODS_LINK_ENABLED]`,
		Passes:  `variables: [PATH, SQA_OPT_OUT]`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, name := range f.Variables {
				if f.configures(name) {
					say(name, "overrides the file")
				}
			}
		},
	},
	{
		ID:      "telemetry-off",
		Gravity: Advice,
		Why:     "Kratos sends figures of its use to its maker, unless told not to.",
		Write:   "SQA_OPT_OUT=true among the variables that Kratos is started with, or `serve --sqa-opt-out`",
		Broken:  `{variables: [PATH], processes: [{name: kratos, command: [serve]}]}`,
		Passes:  `{variables: [PATH, SQA_OPT_OUT], processes: [{name: kratos, command: [serve]}]}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			for _, p := range f.kratos() {
				if p.serves() && !slices.Contains(f.Variables, "SQA_OPT_OUT") && !contains(p.Command, "--sqa-opt-out") {
					say(p.Name, "sends figures to sqa.ory.sh")
				}
			}
		},
	},
}

// kratos are the processes that run Kratos.
func (f *Facts) kratos() (found []Process) {
	for _, p := range f.Processes {
		if p.kratos() {
			found = append(found, p)
		}
	}
	return found
}

// kratos tells it by the image or the program; where neither is said, by what it is asked to do.
func (p Process) kratos() bool {
	if len(p.Command) > 0 && path.Base(p.Command[0]) == "kratos" {
		return true
	}
	if p.Image == "" {
		return contains(p.Command, "serve") || contains(p.Command, "courier")
	}
	name, _, _ := strings.Cut(path.Base(p.Image), "@")
	name, _, _ = strings.Cut(name, ":")
	return strings.HasSuffix(name, "kratos") // not kratos-selfservice-ui-node, whose pages stand before one
}

// serves tells a Kratos that takes both ports.
func (p Process) serves() bool { return contains(p.Command, "serve") }

func (p Process) site() bool {
	return len(p.Command) > 0 && strings.HasSuffix(p.Command[0], "selfservice-ui")
}

func (p Process) count() int { return max(p.Replicas, 1) }
