package importer

import (
	"context"

	"github.com/google/uuid"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/legacy"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
)

// inventory lists Kratos's accounts and settles the rows that they concern: a thousand accounts a request, where looking each row
// up would take a request a row.
func (o *Options) inventory(ctx context.Context, j *journal.Journal, run journal.Run, columns []string, pace *send.Pace, p *progress) error {
	mapper, err := profile.NewMapper(o.Profile, o.Schema, columns)
	if err != nil {
		return err
	}
	p.begin(PhaseCompare, 0, journal.Balance{})
	listed := 0
	err = send.EachAccount(ctx, o.Kratos, pace, func(page []kratos.Identity) error {
		seen := make([]journal.Seen, 0, len(page))
		for _, identity := range page {
			seen = append(seen, seenOf(identity, run.Source, mapper))
		}
		listed += len(page)
		p.read(listed)
		return j.Mark(ctx, seen)
	})
	if err != nil {
		return err
	}
	p.begin(PhaseJudge, 0, journal.Balance{})
	verdicts := journal.Verdicts{
		Taken:      profile.CodeTaken,
		NewTaken:   profile.CodeNewTaken,
		Gone:       profile.CodeGone,
		Registered: profile.CodeRegistered,
		Attach:     o.Profile.Registered == profile.RegisteredAttach,
	}
	return j.Judge(ctx, run, verdicts, func(done, total int) { p.readOf(done, total) })
}

// seenOf is what the journal has to know of an account.
func seenOf(identity kratos.Identity, sourceName string, mapper *profile.Mapper) journal.Seen {
	var seen journal.Seen
	if id, err := uuid.Parse(identity.ID); err == nil {
		seen.Identity = id[:]
	}
	verified := map[string]bool{}
	for _, address := range identity.Addresses {
		verified[address.Value] = address.Verified
	}
	for key := range send.Keys(identity) {
		seen.Addresses = append(seen.Addresses, key[:])
	}
	stamp, ok := legacy.Parse(identity.MetadataAdmin)
	if !ok || stamp.Source != sourceName {
		seen.Registered = send.Registered(identity)
		return seen
	}
	seen.LegacyID, seen.StampRun, seen.StampUpdated, seen.Attached = stamp.ID, stamp.Run, stamp.Updated, stamp.Attached
	if digest, ok := mapper.DigestOf(identity.Traits, identity.State, verified, identity.MetadataPublic); ok {
		seen.Digest = digest[:]
	}
	return seen
}
