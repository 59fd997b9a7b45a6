package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const component = "app.kubernetes.io/component"

// outside are those beyond the chart, by the label of their namespace in testdata/values.yaml.
var outside = []string{"ingress", "monitoring", "services", "data", "cache", "mail"}

// asCompose is what each part is called in docker-compose.yml.
var asCompose = map[string][]string{
	"site":           {"selfservice-ui"},
	"kratos":         {"kratos-more"},
	"kratos-admin":   {"kratos"},
	"courier":        {"kratos-courier"},
	"clean":          {"clean-flows", "clean-mails"},
	"administration": {"canaries", "import-accounts"},
	"ingress":        {"proxy"},
	"services":       {"proxy"},
	"data":           {"postgres"},
	"cache":          {"redis"},
	"mail":           {"relay"},
}

// reaches are the ways that the policies leave: from, to and port. Both sides have to agree where both are pods of the chart.
func (c cluster) reaches() (ways []string) {
	inside := []string{"site", "kratos", "kratos-admin", "courier", "clean", "administration"}
	for _, from := range slices.Concat(inside, outside) {
		for _, to := range slices.Concat(inside, outside) {
			for _, port := range []int32{4433, 4434, 4455, 4456, 5432, 6379, 587, 443} {
				leaves := slices.Contains(outside, from) || c.allows(from, to, port, true)
				enters := slices.Contains(outside, to) || c.allows(to, from, port, false)
				if from != to && leaves && enters && !(slices.Contains(outside, from) && slices.Contains(outside, to)) {
					ways = append(ways, fmt.Sprintf("%s > %s:%d", from, to, port))
				}
			}
		}
	}
	return ways
}

// allows tells whether a component's policy lets a peer in, or lets it go out to one.
func (c cluster) allows(of, peer string, port int32, out bool) bool {
	p := c.policies["portail-"+of]
	if p == nil || len(p.Spec.PolicyTypes) != 2 {
		return true // nothing holds it
	}
	if out {
		return slices.ContainsFunc(p.Spec.Egress, func(r networking.NetworkPolicyEgressRule) bool { return matches(r.To, r.Ports, peer, port) })
	}
	return slices.ContainsFunc(p.Spec.Ingress, func(r networking.NetworkPolicyIngressRule) bool { return matches(r.From, r.Ports, peer, port) })
}

func matches(peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort, peer string, port int32) bool {
	named := len(ports) == 0 || slices.ContainsFunc(ports, func(p networking.NetworkPolicyPort) bool { return p.Port.IntVal == port })
	return named && (len(peers) == 0 || slices.ContainsFunc(peers, func(p networking.NetworkPolicyPeer) bool {
		return selects(p.PodSelector, component, peer) || selects(p.NamespaceSelector, "kubernetes.io/metadata.name", peer)
	}))
}

func selects(s *meta.LabelSelector, label, value string) bool {
	return s != nil && (len(s.MatchLabels) == 0 || s.MatchLabels[label] == value)
}

// TestNetwork: exactly the ways that somebody needs are open, and each is one of docker-compose.yml's networks too.
func TestNetwork(t *testing.T) {
	c := installed(t, values(t))
	want := []string{
		"site > kratos:4433", "site > cache:6379", "site > mail:587",
		"kratos > site:4456", "kratos > data:5432",
		"kratos-admin > data:5432", "courier > data:5432", "courier > mail:587", "clean > data:5432",
		"administration > kratos-admin:4434",
		"ingress > site:4455", "monitoring > site:4456", "services > kratos:4433",
	}
	got := c.reaches()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("open: %q\nneeded: %q", got, want)
	}
	for component, pod := range c.pods() {
		if c.policies["portail-"+pod.Labels["app.kubernetes.io/component"]] == nil {
			t.Errorf("nothing holds %s", component)
		}
	}
	networks := composeNetworks(t)
	for _, way := range got {
		from, rest, _ := strings.Cut(way, " > ")
		to, _, _ := strings.Cut(rest, ":")
		if asCompose[from] != nil && asCompose[to] != nil && !shared(networks, asCompose[from], asCompose[to]) {
			t.Errorf("%s: no network of docker-compose.yml has both", way)
		}
	}
}

// TestNobodyIsLetInWhereNobodyIsNamed: a list of peers that stays empty closes the door; a rule without peers would open it to all.
func TestNobodyIsLetInWhereNobodyIsNamed(t *testing.T) {
	given := values(t)
	delete(given, "network")
	for _, way := range installed(t, given).reaches() {
		for _, one := range outside {
			if strings.HasPrefix(way, one+" > ") || strings.Contains(way, " > "+one+":") {
				t.Errorf("open: %s", way)
			}
		}
	}
}

func composeNetworks(t *testing.T) map[string][]string {
	t.Helper()
	var compose struct {
		Services map[string]struct{ Networks any }
	}
	read(t, "../../docker-compose.yml", &compose)
	all := map[string][]string{}
	for name, s := range compose.Services {
		switch networks := s.Networks.(type) {
		case []any:
			for _, network := range networks {
				all[name] = append(all[name], fmt.Sprint(network))
			}
		case map[string]any:
			for network := range networks {
				all[name] = append(all[name], network)
			}
		}
	}
	return all
}

func shared(networks map[string][]string, some, others []string) bool {
	for _, one := range some {
		for _, other := range others {
			if !slices.ContainsFunc(networks[one], func(n string) bool { return slices.Contains(networks[other], n) }) {
				return false
			}
		}
	}
	return true
}
