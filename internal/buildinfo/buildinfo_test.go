package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestOf(t *testing.T) {
	git := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"}}
	for _, c := range []struct {
		main     string
		settings []debug.BuildSetting
		stamp    string
		want     string
	}{
		{"(devel)", nil, "", "devel, go1.26"},
		{"v1.2.0", nil, "", "v1.2.0, go1.26"},
		{"(devel)", git, "", "devel (0123456789ab+), go1.26"},
		{"(devel)", git[:1], "1.2.0", "1.2.0 (0123456789ab), go1.26"},
		{"", nil, "1.2.0", "1.2.0, go1.26"},
	} {
		build := &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: c.main}, Settings: c.settings}
		if got := of(build, c.stamp).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
