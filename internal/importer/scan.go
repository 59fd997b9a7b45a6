package importer

import (
	"context"
	"errors"
	"io"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// scan reads the whole source once into the journal, with a verdict for every row that cannot be imported, and settles duplicates.
func (o *Options) scan(ctx context.Context, j *journal.Journal, in *input, p *progress) error {
	reader, err := in.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	mapper, err := profile.NewMapper(o.Profile, o.Schema, reader.Columns())
	if err != nil {
		return err
	}
	p.begin(PhaseRead, 0, journal.Balance{})
	scanner, err := j.StartScan(ctx, in.partial)
	if err != nil {
		return err
	}
	if err := fill(ctx, scanner, reader, mapper, p); err != nil {
		scanner.Abort()
		return err
	}
	if err := scanner.Finish(); err != nil {
		return err
	}
	if in.partial {
		if err := j.Returned(ctx, profile.CodeDuplicateID); err != nil {
			return err
		}
	}
	keep := o.Profile.Duplicates
	if keep == profile.DuplicatesConflict {
		keep = ""
	}
	return j.Duplicates(ctx, keep, profile.CodeDuplicateID, profile.CodeDuplicateAddress, profile.CodeSuperseded)
}

func fill(ctx context.Context, scanner *journal.Scanner, reader source.Reader, mapper *profile.Mapper, p *progress) error {
	for number := int64(1); ; number++ {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			p.read(int(number - 1))
			return nil
		}
		if err != nil {
			return err
		}
		if number%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.read(int(number))
		}
		if err := scanner.Add(rowOf(number, record, mapper)); err != nil {
			return err
		}
	}
}

// rowOf maps a record to its line of the scan.
func rowOf(number int64, record source.Record, mapper *profile.Mapper) journal.Row {
	person, rejection := mapper.Map(record)
	row := journal.Row{Number: number, Line: record.Line, LegacyID: person.LegacyID, Active: person.Active}
	if rejection != nil {
		row.Outcome, row.Reason, row.Column = journal.Rejected, rejection.Code, rejection.Column
		return row
	}
	row.Digest, row.Address = person.Digest[:], person.Key[:]
	return row
}
