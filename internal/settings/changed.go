package settings

import "reflect"

// taken are the settings that a process takes over when it reads them again.
var taken = map[string]bool{"log_level": true}

// Waiting are the keys of the settings that differ and that a running process does not take over: they wait for its restart.
func Waiting(running, read Settings) (keys []string) {
	before, after := reflect.ValueOf(running), reflect.ValueOf(read)
	for i, f := range fields() {
		if !taken[f.key] && !reflect.DeepEqual(before.Field(i).Interface(), after.Field(i).Interface()) {
			keys = append(keys, f.key)
		}
	}
	return keys
}
