package importer

import (
	"cmp"
	"context"
	"errors"
	"io"

	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/profile"
	"efpconnect.example/internal/importer/source"
)

// scan reads the whole source once into the journal, with a verdict for every row that cannot be imported, and settles duplicates.
func (r *run) scan(ctx context.Context) error {
	j, in, p := r.journal, r.in, r.progress
	reader, err := in.open()
	if err != nil {
		return err
	}
	defer reader.Close()
	mapper, err := profile.NewMapper(r.Profile, r.Schema, reader.Columns())
	if err != nil {
		return err
	}
	p.begin(PhaseRead, 0, journal.Balance{})
	scanner, err := j.StartScan(ctx, in.partial)
	if err != nil {
		return err
	}
	rows, dropped, err := fill(ctx, scanner, reader, mapper, p)
	if err == nil && rows == 0 && !in.partial { // a corrected file may have none left
		err = errNobody
	}
	if err != nil {
		scanner.Abort()
		return err
	}
	r.dropped = dropped
	if err := scanner.Finish(); err != nil {
		return err
	}
	if err := j.SetDropped(ctx, r.current, r.dropped); err != nil {
		return err
	}
	if in.partial {
		if err := j.Reimported(ctx, profile.CodeDuplicateID); err != nil {
			return err
		}
	}
	keep := r.Profile.Duplicates
	if keep == profile.DuplicatesConflict {
		keep = ""
	}
	if err := j.Duplicates(ctx, keep, profile.CodeDuplicateID, profile.CodeDuplicateAddress, profile.CodeSuperseded); err != nil {
		return err
	}
	return j.SetScanned(ctx, r.current)
}

// errNobody is a whole source without a row: an export that went wrong. Everybody who was imported would have disappeared from it.
var errNobody = errors.New("la source ne contient personne : elle se lit, mais n’a aucune ligne de données")

// fill writes every row, counts them, and counts the values that accounts do without, by column.
func fill(
	ctx context.Context, scanner *journal.Scanner, reader source.Reader, mapper *profile.Mapper, p *progress,
) (rows int, dropped map[string]int, err error) {
	dropped = map[string]int{}
	for number := int64(1); ; number++ {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			p.read(int(number - 1))
			return int(number - 1), dropped, nil
		}
		if err != nil {
			return 0, nil, err
		}
		if number%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, nil, err
			}
			p.read(int(number))
		}
		person, rejection := mapper.Map(record)
		if rejection == nil {
			for _, column := range person.Dropped {
				dropped[column]++
			}
		}
		if err := scanner.Add(rowOf(number, record.Line, person, rejection)); err != nil {
			return 0, nil, cmp.Or(ctx.Err(), err) // interrupted, it says what the database makes of that
		}
	}
}

// rowOf is the line of the scan of a row that was mapped.
func rowOf(number, line int64, person profile.Person, rejection *profile.Rejection) journal.Row {
	row := journal.Row{Number: number, Line: line, LegacyID: person.LegacyID, Active: person.Active}
	if rejection != nil {
		row.Outcome, row.Reason, row.Column = journal.Rejected, rejection.Code, rejection.Column
		return row
	}
	row.Digest, row.Shape, row.Address = person.Digest[:], person.Shape[:], person.Key[:]
	return row
}
