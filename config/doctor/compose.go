package doctor

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

// Compose reads a Compose file as Docker would, with the profiles that are to run, and checks it against Compose's schema.
// variables are what the file may ask for as ${…}.
func Compose(ctx context.Context, file string, profiles []string, variables map[string]string) (*types.Project, error) {
	logrus.SetOutput(io.Discard) // compose-go warns there of what it then does
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	details := types.ConfigDetails{WorkingDir: filepath.Dir(path), ConfigFiles: []types.ConfigFile{{Filename: path}}, Environment: variables}
	project, err := loader.LoadWithContext(ctx, details, loader.WithProfiles(profiles), func(o *loader.Options) {
		o.SetProjectName("efpconnect", true)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	there := profilesOf(project)
	for _, profile := range profiles {
		// Docker would start what has no profile, and the rules would be about that. An asterisk is all of them.
		if profile != "*" && !slices.Contains(there, profile) {
			return nil, fmt.Errorf("%s: no profile %q: there are %s", file, profile, strings.Join(there, ", "))
		}
	}
	return project, nil
}

// profilesOf are the profiles that a project's services have, sorted.
func profilesOf(project *types.Project) (all []string) {
	for _, services := range []types.Services{project.Services, project.DisabledServices} {
		for _, service := range services {
			all = append(all, service.Profiles...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Processes are the services of a project, for the rules.
func Processes(project *types.Project) (processes []Process) {
	for _, name := range project.ServiceNames() {
		service := project.Services[name]
		p := Process{Name: name, Image: service.Image, Command: slices.Concat([]string(service.Entrypoint), []string(service.Command)), Replicas: service.GetScale(),
			Host: service.NetworkMode == "host", Outside: service.NetworkMode == "host"}
		for _, port := range service.Ports {
			p.Published = append(p.Published, int(port.Target))
		}
		for network := range service.Networks {
			p.Networks = append(p.Networks, network)
			p.Outside = p.Outside || !bool(project.Networks[network].Internal)
		}
		slices.Sort(p.Networks)
		processes = append(processes, p)
	}
	return processes
}

// KratosVariables are the names of what the project's Kratos processes find in their environment.
func KratosVariables(project *types.Project) (names []string) {
	for _, p := range (&Facts{Processes: Processes(project)}).kratos() {
		for name := range project.Services[p.Name].Environment {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}

// SharedStore tells whether the project's site is given a Redis.
func SharedStore(project *types.Project) bool { return siteGiven(project, "EFP_REDIS_URL") }

// Notices tells whether the project's site is given a relay for the notice of a changed password.
func Notices(project *types.Project) bool { return siteGiven(project, "EFP_NOTICE_SMTP") }

// siteGiven tells whether the project's site finds a secret in its environment, or the file of one.
func siteGiven(project *types.Project, variable string) bool {
	for _, p := range Processes(project) {
		environment := project.Services[p.Name].Environment
		if p.site() && (environment[variable] != nil || environment[variable+"_FILE"] != nil) {
			return true
		}
	}
	return false
}
