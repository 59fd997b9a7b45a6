package deployment

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// Ours run as nobody, on a root they cannot write.
func TestComposeHardened(t *testing.T) {
	for profile := range profiles {
		for name, service := range project(t, profile).Services {
			ours := service.Build != nil || strings.HasPrefix(service.Image, "oryd/kratos:")
			if ours && (service.User != "10000:10000" || !service.ReadOnly) {
				t.Errorf("%s: user %q, read-only %v", name, service.User, service.ReadOnly)
			}
			bounded(t, name, service)
			if service.Image != "" && (strings.HasSuffix(service.Image, ":latest") || !strings.Contains(service.Image, ":")) {
				t.Errorf("%s: %s is another image tomorrow", name, service.Image)
			}
			for _, v := range service.Volumes {
				if v.Type == types.VolumeTypeBind && strings.Contains(v.Source, "/deploy/") && !strings.HasSuffix(v.Source, "/certificates") && !strings.HasSuffix(v.Source, "/relay") {
					if _, err := os.Stat(v.Source); err != nil {
						t.Errorf("%s mounts %v", name, err)
					}
				}
			}
		}
	}
}

// bounded checks that a service that goes wild fills neither the disk nor the memory of its neighbours, and starts without rights that
// it does not use.
func bounded(t *testing.T, name string, service types.ServiceConfig) {
	t.Helper()
	if !slices.Contains(service.CapDrop, "ALL") {
		t.Errorf("%s keeps the capabilities that Docker gives", name)
	}
	// Those a daemon of root's needs to become its own user; none that reaches the machine.
	for _, kept := range service.CapAdd {
		if !slices.Contains([]string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT"}, kept) {
			t.Errorf("%s may %s", name, kept)
		}
	}
	if service.MemLimit == 0 || service.PidsLimit == 0 {
		t.Errorf("%s: memory %d, processes %d", name, service.MemLimit, service.PidsLimit)
	}
	if service.Logging == nil || service.Logging.Options["max-size"] == "" || service.Logging.Options["max-file"] == "" {
		t.Errorf("%s: its log grows for ever", name)
	}
	// Without an address Docker publishes on IPv6 too, and everybody who comes by it has Docker's address.
	for _, port := range service.Ports {
		if net.ParseIP(port.HostIP).To4() == nil {
			t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
		}
	}
}

// Whoever runs as a user of ours writes in volumes that are ours: Docker gives an empty volume to whom its mount point in the image
// of its first container belongs, and each later image that has a folder at its own mount point takes it over.
func TestVolumesBelongToTheirUser(t *testing.T) {
	dockerfile, err := os.ReadFile(root + "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	p := project(t, "production")
	for name, service := range p.Services {
		if service.User != "10000:10000" {
			continue
		}
		for _, v := range service.Volumes {
			if v.Type != types.VolumeTypeVolume || v.ReadOnly {
				continue
			}
			if service.Build == nil && v.Target == "/data" {
				t.Errorf("%s: its image's own %s belongs to another user", name, v.Target)
			}
			if !preparedBySecrets(p, v.Source) && !strings.Contains(string(dockerfile), "/out"+v.Target) {
				t.Errorf("%s writes in the volume %s, which nobody gave to its user", name, v.Source)
			}
		}
	}
	for _, v := range p.Services["secrets"].Volumes {
		if !strings.Contains(string(dockerfile), "/out"+v.Target) {
			t.Errorf("our image has no folder %s of its user", v.Target)
		}
	}
}

// preparedBySecrets tells a volume that the first container of all mounts, from our image.
func preparedBySecrets(p *types.Project, volume string) bool {
	return slices.ContainsFunc(p.Services["secrets"].Volumes, func(v types.ServiceVolumeConfig) bool { return v.Source == volume })
}
