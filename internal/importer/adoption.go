package importer

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"efpconnect.example/internal/importer/adoption"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/remind"
	"efpconnect.example/internal/importer/report"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/importer/source"
	"efpconnect.example/internal/kratos"
)

// adoption counts how many imported people have chosen a password since, and how many of each wave of reminders.
func (o *Options) adoption(ctx context.Context, j *journal.Journal, source string) (a report.Adoption, err error) {
	pace := send.NewPace(o.Concurrency, o.GiveUp, o.Wait)
	tally, err := remind.OpenTally(ctx, o.path(JournalFile))
	if err != nil {
		return a, err
	}
	defer tally.Close()
	err = o.eachImported(ctx, j, source, pace, func(portion []adoption.Account) error {
		if err := adoption.Judge(ctx, o.Kratos, portion, pace); err != nil {
			return err
		}
		if err := tally.Add(ctx, portion); err != nil {
			return err
		}
		for _, account := range portion {
			switch account.Stage() {
			case adoption.Gone:
				a.Gone++
			case adoption.Inactive:
				a.Inactive++
			case adoption.Chosen:
				a.Adopted++
			default:
				a.Waiting++
			}
		}
		return nil
	})
	a.Waves = tally.Waves
	return a, err
}

// Report writes the page of the import into its folder and returns its path. It holds no personal data. Without a Kratos in the
// options it leaves adoption out.
func Report(ctx context.Context, o Options) (string, error) {
	if err := o.setDefaults(); err != nil {
		return "", err
	}
	status, err := ReadStatus(ctx, o)
	if err != nil {
		return "", err
	}
	j, err := journal.OpenToRead(o.path(JournalFile))
	if err != nil {
		return "", err
	}
	defer j.Close()
	page := report.Page{
		Source:   status.Last.Source,
		Made:     o.Now(),
		Of:       status.Last,
		Balance:  status.Balance,
		Todo:     status.Todo,
		Reading:  status.Reading,
		Accounts: status.There,
		Undone:   status.Undone,
		Purged:   status.Purged,
		Runs:     status.Runs,
		Reasons:  status.Reasons,
		Files:    o.remarkFiles(),
	}
	if whole, ok := status.Whole(); ok {
		page.Of, page.Balance = whole, whole.Balance
		if page.Reasons, err = j.WholeReasons(ctx); err != nil {
			return "", err
		}
	}
	if page.Dropped, err = j.Dropped(page.Of); err != nil {
		return "", err
	}
	if page.Rates, err = j.Rates(page.Of); err != nil {
		return "", err
	}
	if o.Kratos != nil && !status.Purged {
		if err := o.ready(ctx); err != nil {
			return "", err
		}
		adopted, err := o.adoption(ctx, j, status.Last.Source)
		if err != nil {
			return "", err
		}
		page.Adoption = &adopted
	}
	return o.path(ReportFile), replaceFile(o.path(ReportFile), page.Write)
}

// remarkFiles are the names of the files that somebody has to look at, as far as they are in the folder.
func (o *Options) remarkFiles() (names []string) {
	for _, name := range []string{RejectedFile, ConflictsFile, KeptFile, DisappearedFile} {
		if _, err := os.Stat(o.path(name)); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// Reminder writes the people who have an active account and have not set a password: address and names, for a mailing. It is
// the one export of personal data, asked for explicitly. It returns the path and the count.
func Reminder(ctx context.Context, o Options) (path string, count int, err error) {
	if err := o.setDefaults(); err != nil {
		return "", 0, err
	}
	j, run, err := o.openJournal()
	if err != nil {
		return "", 0, err
	}
	defer j.Close()
	if err := o.ready(ctx); err != nil {
		return "", 0, err
	}
	path = o.path(ReminderFile)
	err = replaceFile(path, func(f *bufio.Writer) error {
		f.WriteString("\ufeff")
		out := csv.NewWriter(f)
		out.Comma = ';'
		if err := out.Write([]string{"email", "title", "given_name", "family_name"}); err != nil {
			return err
		}
		pace := send.NewPace(o.Concurrency, o.GiveUp, o.Wait)
		err := o.eachImported(ctx, j, run.Source, pace, func(portion []adoption.Account) error {
			if err := adoption.Judge(ctx, o.Kratos, portion, pace); err != nil {
				return err
			}
			for _, account := range portion {
				if account.Stage() != adoption.Waiting {
					continue
				}
				row, err := reminderRow(account.Identity)
				if err != nil {
					return err
				}
				count++
				if err := out.Write(row); err != nil {
					return err
				}
			}
			return nil
		})
		out.Flush()
		return errors.Join(err, out.Error())
	})
	return path, count, err
}

// reminderRow takes the address from where Kratos keeps it, whatever the schema calls it. Names are those of our schema's traits;
// another schema's stay empty.
func reminderRow(account kratos.Identity) ([]string, error) {
	var traits map[string]any
	if err := json.Unmarshal(account.Traits, &traits); err != nil {
		return nil, fmt.Errorf("compte %s : ses traits sont illisibles : %w", account.ID, err)
	}
	text := func(name string) string { value, _ := traits[name].(string); return value }
	address := text("email")
	if len(account.Addresses) > 0 {
		address = account.Addresses[0].Value
	}
	if address == "" {
		return nil, fmt.Errorf("compte %s : Kratos ne lui connaît aucune adresse", account.ID)
	}
	return []string{escape(address), escape(text("title")), escape(text("given_name")), escape(text("family_name"))}, nil
}

// replaceFile writes a file whole or not at all, for its owner alone.
func replaceFile(path string, write func(*bufio.Writer) error) (err error) {
	f, err := source.CreateFile(path + ".new")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = write(w)
	err = errors.Join(err, w.Flush(), f.Close())
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), path)
}
