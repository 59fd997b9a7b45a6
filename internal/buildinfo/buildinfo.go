// Package buildinfo tells which build of our programs runs: for --version, and for the series efp_build_info.
package buildinfo

import (
	"runtime/debug"
	"sync"
)

// stamp is the version that a build without Git's own information is given: -ldflags "-X efpconnect.example/internal/buildinfo.stamp=1.2.0".
var stamp string

// Info is what is known of a build.
type Info struct {
	Version  string // of the release; "devel" for a build from a checkout
	Revision string // commit, "+" behind it where files had changed; "" where Git was not asked
	Go       string // version of the compiler
}

// Read is this program's.
var Read = sync.OnceValue(func() Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return of(build, stamp)
})

func of(build *debug.BuildInfo, stamp string) Info {
	info := Info{Version: build.Main.Version, Go: build.GoVersion}
	changed := ""
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Revision = setting.Value[:min(len(setting.Value), 12)]
		case "vcs.modified":
			if setting.Value == "true" {
				changed = "+"
			}
		}
	}
	if info.Revision != "" {
		info.Revision += changed
	}
	if stamp != "" {
		info.Version = stamp
	}
	if info.Version == "" || info.Version == "(devel)" {
		info.Version = "devel"
	}
	return info
}

// String is what --version prints.
func (i Info) String() string {
	text := i.Version
	if i.Revision != "" {
		text += " (" + i.Revision + ")"
	}
	return text + ", " + i.Go
}
