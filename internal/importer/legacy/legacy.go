// Package legacy is the mark that the import leaves on each account it makes, in metadata_admin.legacy, where only administrators
// see it. By it an account is recognised whatever becomes of the journal. Called by the importer's other packages.
package legacy

import (
	"encoding/json"
	"time"
)

// Stamp says which row of which legacy store an account comes from.
type Stamp struct {
	Source     string    `json:"source"`
	ID         string    `json:"id"`
	ImportedAt time.Time `json:"imported_at"`
	// Run is the id of the run that created the account. It tells "created by us, and the answer was lost" from "was there".
	Run string `json:"run"`
	// Updated is the id of the last run that brought the account up to date. Empty when none did.
	Updated string `json:"updated,omitempty"`
	// Attached says that the account was there before: its person had created it on the site, and the import added this mark and
	// metadata_public.legacy alone.
	Attached bool `json:"attached,omitempty"`
}

// Parse reads the stamp of an account's metadata_admin. ok is false when there is none: not every account was imported, and the
// metadata of others may have any form.
func Parse(metadataAdmin json.RawMessage) (s Stamp, ok bool) {
	var m struct {
		Legacy Stamp `json:"legacy"`
	}
	if len(metadataAdmin) == 0 || json.Unmarshal(metadataAdmin, &m) != nil {
		return Stamp{}, false
	}
	return m.Legacy, m.Legacy.Source != "" && m.Legacy.ID != ""
}

// Metadata is the metadata_admin that holds the stamp.
func (s Stamp) Metadata() json.RawMessage {
	b, err := json.Marshal(map[string]Stamp{"legacy": s})
	if err != nil {
		panic(err) // only a year beyond 9999 fails
	}
	return b
}

// Merge puts the stamp into a metadata_admin and leaves what others wrote there.
func (s Stamp) Merge(metadataAdmin json.RawMessage) json.RawMessage {
	members := map[string]json.RawMessage{}
	if json.Unmarshal(metadataAdmin, &members) != nil || members == nil {
		return s.Metadata()
	}
	stamp, err := json.Marshal(s)
	if err != nil {
		panic(err) // see Metadata
	}
	members["legacy"] = stamp
	merged, err := json.Marshal(members)
	if err != nil {
		panic(err) // members are JSON already
	}
	return merged
}
