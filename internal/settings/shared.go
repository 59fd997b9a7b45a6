package settings

import (
	"maps"

	"github.com/spf13/pflag"

	"efpconnect.example/internal/seal"
)

// standIn satisfies the checks of the site's secrets where they are not known.
var standIn = seal.NewKey()

// ReadShared reads the same settings for kratos-config, which makes Kratos's configuration agree with them: it needs none of the
// site's secrets, and an environment brings its own defaults, by key. The hook's key is "" when it is not known.
func ReadShared(flags *pflag.FlagSet, defaults map[string]string) (Settings, error) {
	all := map[string]string{"keys": standIn, "hook_key": standIn}
	maps.Copy(all, defaults)
	s, err := read(flags, all)
	s.Keys = nil
	if s.HookKey == standIn {
		s.HookKey = ""
	}
	return s, err
}
