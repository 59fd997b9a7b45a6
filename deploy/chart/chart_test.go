package chart

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// cluster is what the chart makes, each object read as strictly as Kubernetes's own server reads it.
type cluster struct {
	deployments map[string]*apps.Deployment
	services    map[string]*core.Service
	configs     map[string]*core.ConfigMap
	cronJobs    map[string]*batch.CronJob
	jobs        map[string]*batch.Job
	budgets     map[string]*policy.PodDisruptionBudget
	policies    map[string]*networking.NetworkPolicy
}

// values of an operator: the delivered settings, and the peers of a cluster.
func values(t *testing.T) map[string]any {
	t.Helper()
	given := map[string]any{}
	read(t, "testdata/values.yaml", &given)
	settings := map[string]any{}
	read(t, "../settings/production.yml", &settings)
	given["settings"] = settings
	return given
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func render(t *testing.T, given map[string]any) (map[string]string, error) {
	t.Helper()
	chart, err := loader.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	release := chartutil.ReleaseOptions{Name: "portail", Namespace: "efp", Revision: 3, IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, given, release, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Render(chart, all)
}

func installed(t *testing.T, given map[string]any) cluster {
	t.Helper()
	files, err := render(t, given)
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{
		deployments: map[string]*apps.Deployment{},
		services:    map[string]*core.Service{},
		configs:     map[string]*core.ConfigMap{},
		cronJobs:    map[string]*batch.CronJob{},
		jobs:        map[string]*batch.Job{},
		budgets:     map[string]*policy.PodDisruptionBudget{},
		policies:    map[string]*networking.NetworkPolicy{},
	}
	for name, text := range files {
		for document := range strings.SplitSeq(text, "\n---") {
			if path.Ext(name) == ".yaml" && strings.TrimSpace(document) != "" {
				c.add(t, name, document)
			}
		}
	}
	return c
}

// add reads one object; a key that its kind does not have is a fault.
func (c cluster) add(t *testing.T, file, document string) {
	t.Helper()
	var head struct {
		Kind     string
		Metadata struct{ Name string }
	}
	if err := yaml.Unmarshal([]byte(document), &head); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, document)
	}
	name := head.Metadata.Name
	var err error
	switch head.Kind {
	case "Deployment":
		c.deployments[name], err = strictly[apps.Deployment](document)
	case "Service":
		c.services[name], err = strictly[core.Service](document)
	case "ConfigMap":
		c.configs[name], err = strictly[core.ConfigMap](document)
	case "CronJob":
		c.cronJobs[name], err = strictly[batch.CronJob](document)
	case "Job":
		c.jobs[name], err = strictly[batch.Job](document)
	case "PodDisruptionBudget":
		c.budgets[name], err = strictly[policy.PodDisruptionBudget](document)
	case "NetworkPolicy":
		c.policies[name], err = strictly[networking.NetworkPolicy](document)
	default:
		err = fmt.Errorf("no test knows the kind %q", head.Kind)
	}
	if err != nil {
		t.Errorf("%s: %s: %v", file, name, err)
	}
}

func strictly[T any](document string) (*T, error) {
	object := new(T)
	return object, yaml.UnmarshalStrict([]byte(document), object)
}

// pods are the templates of all pods, by their object's name.
func (c cluster) pods() map[string]core.PodTemplateSpec {
	all := map[string]core.PodTemplateSpec{}
	for name, d := range c.deployments {
		all[name] = d.Spec.Template
	}
	for name, j := range c.cronJobs {
		all[name] = j.Spec.JobTemplate.Spec.Template
	}
	for name, j := range c.jobs {
		all[name] = j.Spec.Template
	}
	return all
}

func containers(pod core.PodSpec) []core.Container {
	return slices.Concat(pod.InitContainers, pod.Containers)
}

// TestLint: Helm itself finds nothing.
func TestLint(t *testing.T) {
	found := lint.All(".", values(t), "efp", true)
	for _, m := range found.Messages {
		if m.Severity >= support.WarningSev {
			t.Error(m)
		}
	}
}

// TestParts: what the chart makes, how many of each, and that nothing runs with rights that it does not use.
func TestParts(t *testing.T) {
	c := installed(t, values(t))
	replicas := map[string]int32{"portail-site": 2, "portail-kratos": 2, "portail-kratos-admin": 1, "portail-courier": 1}
	for name, want := range replicas {
		d := c.deployments[name]
		if d == nil || d.Spec.Replicas == nil || *d.Spec.Replicas != want {
			t.Fatalf("%s: %+v", name, d)
		}
		// Two couriers send each mail twice; two pods that migrate do it at once.
		if want == 1 && d.Spec.Strategy.Type != apps.RecreateDeploymentStrategyType {
			t.Errorf("%s: a second one may run beside the first", name)
		}
		if want > 1 && c.budgets[name] == nil {
			t.Errorf("%s: all of it may be drained at once", name)
		}
	}
	if len(c.deployments) != len(replicas) || len(c.cronJobs) != 2 || len(c.jobs) != 1 || len(c.budgets) != 2 {
		t.Errorf("%d deployments, %d cron jobs, %d jobs", len(c.deployments), len(c.cronJobs), len(c.jobs))
	}
	for name, pod := range c.pods() {
		hardened(t, name, pod.Spec)
	}
	for _, j := range c.cronJobs {
		if j.Spec.ConcurrencyPolicy != batch.ForbidConcurrent || strings.Fields(j.Spec.Schedule)[1] != "*" {
			t.Errorf("%s: %s, %s", j.Name, j.Spec.ConcurrencyPolicy, j.Spec.Schedule)
		}
	}
}

func hardened(t *testing.T, name string, pod core.PodSpec) {
	t.Helper()
	s := pod.SecurityContext
	if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s: %+v", name, s)
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken || *pod.EnableServiceLinks {
		t.Errorf("%s: has a token of the cluster, or variables of its services", name)
	}
	for _, one := range containers(pod) {
		s := one.SecurityContext
		if s == nil || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) {
			t.Errorf("%s, %s: %+v", name, one.Name, s)
		}
		if one.Resources.Limits.Memory().IsZero() || one.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s, %s: takes what it finds", name, one.Name)
		}
	}
}

// TestMissingValues: what nobody can guess is asked for by its name.
func TestMissingValues(t *testing.T) {
	for name, forget := range map[string]func(map[string]any){
		"images.site":   func(v map[string]any) { delete(v, "images") },
		"relay.host":    func(v map[string]any) { delete(v, "relay") },
		"database.host": func(v map[string]any) { delete(v, "database") },
		"settings":      func(v map[string]any) { delete(v, "settings") },
	} {
		given := values(t)
		forget(given)
		if _, err := render(t, given); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
