package chart

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// disk is where a pod's mounts lie during a test: a folder for each volume, below which paths are those of the containers.
type disk struct {
	t       *testing.T
	c       cluster
	secrets string // of `kratos-config secrets`
	volumes map[string]string
}

// built is the folder of kratos-config, which the tests build once.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "efp-chart"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

func kratosConfig(t *testing.T) string {
	t.Helper()
	file := filepath.Join(built, "kratos-config")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	if output, err := exec.Command("go", "build", "-C", "../..", "-o", file, "./cmd/kratos-config").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return file
}

// newDisk writes what the cluster would mount in a pod.
func newDisk(t *testing.T, c cluster, pod core.PodSpec, secrets string) disk {
	t.Helper()
	d := disk{t: t, c: c, secrets: secrets, volumes: map[string]string{}}
	for _, v := range pod.Volumes {
		folder := t.TempDir()
		d.volumes[v.Name] = folder
		switch {
		case v.ConfigMap != nil:
			for name, text := range c.configs[v.ConfigMap.Name].Data {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		case v.Secret != nil:
			d.volumes[v.Name] = filepath.Join(secrets, strings.TrimPrefix(v.Secret.SecretName, "efp-"))
		case v.EmptyDir == nil:
			t.Errorf("the volume %s is of no kind that a test knows", v.Name)
		}
	}
	return d
}

// of is a path of a container on this disk.
func (d disk) of(one core.Container, path string) string {
	for _, m := range one.VolumeMounts {
		if path == m.MountPath || strings.HasPrefix(path, m.MountPath+"/") {
			return d.volumes[m.Name] + strings.TrimPrefix(path, m.MountPath)
		}
	}
	return path
}

// run starts a container's command, with its own variables alone and its paths on this disk.
func (d disk) run(one core.Container, program string) {
	d.t.Helper()
	command := exec.Command(program)
	for _, argument := range one.Args {
		command.Args = append(command.Args, d.of(one, argument))
	}
	for _, variable := range one.Env {
		command.Env = append(command.Env, variable.Name+"="+d.of(one, variable.Value))
	}
	if output, err := command.CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v: %s", one.Name, err, output)
	}
}

// TestEachPodReadsWhatItMounts: every command of every pod names files that its mounts hold, and what Kratos reads is made by the pod's
// own first container from the delivered settings and the secrets of `kratos-config secrets`.
func TestEachPodReadsWhatItMounts(t *testing.T) {
	c := installed(t, values(t))
	tool, secrets := kratosConfig(t), t.TempDir()
	if output, err := exec.Command(tool, "secrets", "--out", secrets).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for name, pod := range c.pods() {
		d := newDisk(t, c, pod.Spec, secrets)
		for _, one := range containers(pod.Spec) {
			if one.Name == "render" {
				d.run(one, tool)
			}
			d.holds(name, one)
		}
	}
	// psql's password is a variable, since its password file may be nobody else's to read.
	if _, err := os.Stat(filepath.Join(secrets, "postgres", "password")); err != nil {
		t.Error(err)
	}
}

// holds checks each path that a container's command and variables name, and those that the file for Kratos names in its turn.
func (d disk) holds(pod string, one core.Container) {
	d.t.Helper()
	named := slices.Clone(one.Args)
	for _, variable := range one.Env {
		named = append(named, variable.Value)
	}
	for _, path := range named {
		if !strings.HasPrefix(path, "/") {
			continue
		}
		file := d.of(one, path)
		if _, err := os.Stat(file); file == path || err != nil {
			d.t.Errorf("%s, %s: reads %s, which it does not mount (%v)", pod, one.Name, path, err)
		}
	}
	if slices.Contains(one.Args, "/etc/config/kratos/kratos.yml") {
		d.holdsKratos(pod, one)
	}
}

func (d disk) holdsKratos(pod string, one core.Container) {
	d.t.Helper()
	kratos := d.document(one, "/etc/config/kratos/kratos.yml")
	schema := at[string](kratos, "identity", "schemas", "0", "url")
	for _, path := range []string{strings.TrimPrefix(schema, "file://"), at[string](kratos, "courier", "template_override_path")} {
		if _, err := os.Stat(d.of(one, path)); err != nil || d.of(one, path) == path {
			d.t.Errorf("%s, %s: kratos.yml names %s: %v", pod, one.Name, path, err)
		}
	}
	hook := at[string](kratos, "selfservice", "flows", "settings", "after", "password", "hooks", "0", "config", "url")
	d.leads(hook, "portail-site-internal")
	d.leads(at[string](kratos, "serve", "public", "base_url"), "portail-kratos")
	d.leads(at[string](kratos, "serve", "admin", "base_url"), "portail-kratos-admin")
	if got := at[string](kratos, "courier", "smtp", "connection_uri"); !strings.HasPrefix(got, "smtp://relay.mail.svc:587/") {
		d.t.Errorf("%s: mails go to %s", pod, got)
	}
	if one.Args[0] == "serve" {
		d.listens(pod, one, kratos)
	}
}

// listens: on the port that its services lead to every address, on the other the pod's own loopback.
func (d disk) listens(pod string, one core.Container, kratos any) {
	d.t.Helper()
	last := d.document(one, one.Args[len(one.Args)-1])
	open, closed := "public", "admin"
	if pod == "portail-kratos-admin" {
		open, closed = closed, open
	}
	if at[string](last, "serve", open, "host") != "0.0.0.0" || at[string](last, "serve", closed, "host") != "127.0.0.1" {
		d.t.Errorf("%s: %v", pod, last)
	}
	port := int32(at[float64](kratos, "serve", open, "port"))
	if len(one.Ports) != 1 || one.Ports[0].ContainerPort != port || one.Ports[0].Name != open {
		d.t.Errorf("%s: serves %d, says %v", pod, port, one.Ports)
	}
}

func (d disk) document(one core.Container, path string) any {
	d.t.Helper()
	var document any
	read(d.t, d.of(one, path), &document)
	return document
}

// leads checks that an address is that of a service whose pods listen there.
func (d disk) leads(address, service string) {
	d.t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Hostname() != service || d.c.services[service] == nil {
		d.t.Errorf("%s does not lead to %s", address, service)
		return
	}
	s := d.c.services[service].Spec
	for _, pod := range d.c.pods() {
		if !subset(s.Selector, pod.Labels) {
			continue
		}
		for _, port := range pod.Spec.Containers[0].Ports {
			if port.Name == s.Ports[0].TargetPort.StrVal && strconv.Itoa(int(port.ContainerPort)) == u.Port() {
				return
			}
		}
	}
	d.t.Errorf("%s: nobody listens behind %s", address, service)
}

func subset(selector, labels map[string]string) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return len(selector) > 0
}

// at is what stands at a path of a document.
func at[T any](document any, path ...string) (value T) {
	for _, step := range path {
		switch inner := document.(type) {
		case map[string]any:
			document = inner[step]
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i < len(inner) {
				document = inner[i]
			}
		}
	}
	value, _ = document.(T)
	return value
}

// TestDoctor: the doctor has nothing to say of what the chart writes, but for the addresses of the samples, and for the networks of machines
// that an ingress is on: to the doctor Kratos is a process of one machine, since the rendered file alone listens on the loopback.
func TestDoctor(t *testing.T) {
	c := installed(t, values(t))
	folder := t.TempDir()
	for name, text := range c.configs["portail-config"].Data {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output, err := exec.Command(kratosConfig(t), "doctor", "--environment", "production", "--config", filepath.Join(folder, "settings.yml"),
		"--overlay", filepath.Join(folder, "overlay.yml"), "--skip", "samples-left",
		"--skip", "proxies-narrow").CombinedOutput()
	if err != nil || !strings.Contains(string(output), "nothing to change") {
		t.Errorf("%v: %s", err, output)
	}
}

// TestOverlayOfTheOperator: what an operator writes wins over the chart, and the rest stays.
func TestOverlayOfTheOperator(t *testing.T) {
	given := values(t)
	given["overlay"] = map[string]any{"values": map[string]any{"smtp_uri": "smtps://relay.example.test:465/"}}
	var overlay any
	if err := yaml.Unmarshal([]byte(installed(t, given).configs["portail-config"].Data["overlay.yml"]), &overlay); err != nil {
		t.Fatal(err)
	}
	if at[string](overlay, "values", "smtp_uri") != "smtps://relay.example.test:465/" || at[string](overlay, "values", "mount_dir") != "/etc/config/kratos" {
		t.Errorf("%v", overlay)
	}
}
