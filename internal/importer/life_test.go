package importer_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"efpconnect.example/internal/importer"
	"efpconnect.example/internal/importer/journal"
	"efpconnect.example/internal/importer/samples"
	"efpconnect.example/internal/importer/send"
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// recoverAccount does what a person does: asks for a code and types it, which opens a session; with a password, sets it too.
func recoverAccount(t *testing.T, k *kratostest.Kratos, address, password string) {
	t.Helper()
	var flow struct {
		ID string `json:"id"`
	}
	k.Call(t, http.MethodGet, k.PublicURL+"/self-service/recovery/api", nil, &flow)
	action := k.PublicURL + "/self-service/recovery?flow=" + flow.ID
	k.Call(t, http.MethodPost, action, map[string]string{"method": "code", "email": address}, nil)
	var answer struct {
		ContinueWith []struct {
			Token string `json:"ory_session_token"`
			Flow  struct {
				ID string `json:"id"`
			} `json:"flow"`
		} `json:"continue_with"`
	}
	if status, body := k.Call(t, http.MethodPost, action, map[string]string{"method": "code", "code": k.Code(t, address)}, &answer); status != http.StatusOK {
		t.Fatalf("recovering: %d %s", status, body)
	}
	if password == "" {
		return
	}
	var token, settings string
	for _, c := range answer.ContinueWith {
		token, settings = token+c.Token, settings+c.Flow.ID
	}
	status, body := k.Call(t, http.MethodPost, k.PublicURL+"/self-service/settings?flow="+settings, map[string]string{"method": "password", "password": password},
		nil, "X-Session-Token", token)
	if status != http.StatusOK {
		t.Fatalf("setting a password: %d %s", status, body)
	}
}

// startWithHook is a Kratos that lets passwords be saved.
func startWithHook(t *testing.T) *kratostest.Kratos {
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(hook.Close)
	return kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN, o.HookURL = "", hook.URL })
}

// life is an import on one Kratos, from its first export on.
type life struct {
	k                 *kratostest.Kratos
	o                 importer.Options
	later             samples.Options
	created           int             // by the first export
	want              journal.Balance // of the later one
	session, password samples.Row     // two people who came before it, and whom it changes
	all               int             // accounts after it
}

// An import's whole life: first export, people come, a later export, the same again, undo, purge.
func TestLife(t *testing.T) {
	t.Parallel()
	k := startWithHook(t)
	first := samples.Options{Rows: 400, Seed: 5}
	input, truth := sampleFile(t, first)
	l := &life{k: k, o: options(t, k.AdminURL, input), later: first, created: truth.Created}
	l.later.Later = true
	if s := mustRun(t, l.o); s.Balance != balance(truth) {
		t.Fatalf("first run: %s", show(s.Balance))
	}
	l.peopleCome(t)
	l.laterExport(t, input)
	t.Run("report", func(t *testing.T) { checkReport(t, l.o, l.password.Mailbox()) })
	t.Run("undo", func(t *testing.T) { checkUndo(t, k, l.o, l.all) })
	t.Run("purge", func(t *testing.T) { checkPurge(t, l.o, l.session) })
}

// peopleCome: of the rows that the later export changes, two people use their accounts; it must leave them alone.
func (l *life) peopleCome(t *testing.T) {
	var changed []samples.Row
	for row := range samples.Rows(l.later) {
		l.want.Read++
		switch {
		case row.New:
			l.want.Created++
		case row.Changed:
			l.want.Updated++
			if row.Fields[6] == "ACTIF" {
				changed = append(changed, row)
			}
		default:
			l.want.Already++
		}
	}
	l.session, l.password = changed[0], changed[1]
	recoverAccount(t, l.k, l.session.Mailbox(), "")
	recoverAccount(t, l.k, l.password.Mailbox(), "une phrase longue de 2026")
	l.want.Updated -= 2
	l.want.Already += 2
}

func (l *life) laterExport(t *testing.T, first string) {
	l.o.Input, _ = sampleFile(t, l.later)
	planning, requests := l.o, &counter{}
	planning.Kratos = admin(t, l.k.AdminURL, kratos.AdminOptions{Transport: requests})
	plan, err := importer.Plan(t.Context(), planning)
	if err != nil {
		t.Fatal(err)
	}
	if requests.writes.Load() > 0 || requests.reads.Load() > 3 {
		t.Errorf("a plan of 400 rows wrote %d times and read %d times: it lists", requests.writes.Load(), requests.reads.Load())
	}
	if plan.ToCreate != l.want.Created || plan.ToUpdate != l.want.Updated+2 { // a plan does not look into each account
		t.Errorf("plan: %d to create, %d to update; want %d, %d", plan.ToCreate, plan.ToUpdate, l.want.Created, l.want.Updated+2)
	}
	if s := mustRun(t, l.o); s.Balance != l.want || s.Disappeared != 2 {
		t.Errorf("later export: %s, %d disappeared; want %s and 2", show(s.Balance), s.Disappeared, show(l.want))
	}
	l.compare(t)
	kept := readLines(t, filepath.Join(l.o.Dir, importer.KeptFile))
	if strings.Count(kept, "\n") != 3 || !strings.Contains(kept, l.session.ID()) || !strings.Contains(kept, l.password.ID()) {
		t.Errorf("kept.csv does not list the two accounts in use:\n%s", kept)
	}
	// The same export again changes nothing, and does not take our own updates for people's.
	if again := mustRun(t, l.o); again.Balance.Created+again.Balance.Updated > 0 || again.Balance.Already != l.want.Read {
		t.Errorf("the same export again: %s", show(again.Balance))
	}
	// Back to the first export: accounts that we updated are updated again.
	l.o.Input = first
	if back := mustRun(t, l.o); back.Balance.Updated != l.want.Updated {
		t.Errorf("back to the first export: %s, want %d updated", show(back.Balance), l.want.Updated)
	}
}

// counter counts requests.
type counter struct{ reads, writes atomic.Int64 }

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		c.reads.Add(1)
	} else {
		c.writes.Add(1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// compare checks that accounts follow the later export, but those in use.
func (l *life) compare(t *testing.T) {
	there, _ := everybody(t, l.k)
	for row := range samples.Rows(l.later) {
		got := there[row.ID()]
		used := row.ID() == l.session.ID() || row.ID() == l.password.ID()
		if !used && !strings.EqualFold(got.Traits.FamilyName, row.Fields[2]) || used && strings.HasSuffix(got.Traits.FamilyName, "-Nouveau") {
			t.Errorf("row %s (used %v): Kratos has %q, the row %q", row.ID(), used, got.Traits.FamilyName, row.Fields[2])
		}
		if row.Deactivated && got.State != "inactive" {
			t.Errorf("row %s was deactivated, Kratos has it %s", row.ID(), got.State)
		}
		if row.Changed && !used && got.Addresses[0].Verified != (row.Fields[7] == "O") {
			t.Errorf("row %s: an update changed whether the address is proved", row.ID())
		}
	}
	if l.all = len(there); l.all != l.created+l.want.Created {
		t.Errorf("%d accounts; the two that disappeared from the source must stay", l.all)
	}
}

func checkReport(t *testing.T, o importer.Options, adopted string) {
	path, err := importer.Report(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	page := readLines(t, path)
	for _, want := range []string{`Ont choisi un mot de passe</span></th><td class="n">1</td>`, "La somme est juste."} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(page, "example.test") || strings.Contains(page, "MD0000") || strings.Contains(page, "src=") ||
		strings.Contains(page, `href="http`) || strings.Contains(page, `href="/`) { // it links to the run's own files alone
		t.Error("the report holds personal data, or needs another file")
	}
	path, count, err := importer.Reminder(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	list := readLines(t, path)
	if strings.Contains(list, adopted) {
		t.Error("the reminder lists somebody who has a password")
	}
	if strings.Count(list, "\n") != count+1 || count < 300 {
		t.Errorf("%d people to remind, %d lines", count, strings.Count(list, "\n"))
	}
	mode(t, path)
}

func mode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s is %v, want readable by its owner alone", filepath.Base(path), info.Mode())
	}
}

func checkUndo(t *testing.T, k *kratostest.Kratos, o importer.Options, all int) {
	nowhere := o
	nowhere.Kratos = admin(t, "http://127.0.0.1:1", kratos.AdminOptions{})
	if _, err := importer.Undo(t.Context(), nowhere, nil); !errors.Is(err, kratos.ErrUnavailable) || errors.Is(err, send.ErrGaveUp) {
		t.Errorf("undo at a wrong address: %v, want ErrUnavailable at once", err)
	}
	dry, err := importer.Undo(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if dry.Used != 2 || dry.Removable != all-2 || dry.Removed != 0 {
		t.Errorf("dry: %+v, want 2 used and %d removable", dry, all-2)
	}
	if u, err := importer.Undo(t.Context(), o, func(importer.Undoing) bool { return false }); err != nil || u.Removed != 0 {
		t.Errorf("refused by the operator: %+v, %v", u, err)
	}
	if there, _ := everybody(t, k); len(there) != all {
		t.Fatalf("a dry undo removed accounts: %d of %d left", len(there), all)
	}
	u, err := importer.Undo(t.Context(), o, func(importer.Undoing) bool { return true })
	if err != nil || u.Removed != all-2 {
		t.Errorf("undo: %+v, %v", u, err)
	}
	if there, _ := everybody(t, k); len(there) != 2 {
		t.Errorf("%d accounts left, want the 2 in use", len(there))
	}
	if s := mustRun(t, o); s.Balance.Created != 398 || s.Balance.Already != 2 {
		t.Errorf("after undo the import can be done again: %s", show(s.Balance))
	}
}

func checkPurge(t *testing.T, o importer.Options, person samples.Row) {
	for _, name := range []string{importer.JournalFile, importer.ReminderFile} {
		mode(t, filepath.Join(o.Dir, name))
	}
	if !strings.Contains(readLines(t, filepath.Join(o.Dir, importer.JournalFile)), person.ID()) {
		t.Fatal("the journal does not hold the legacy id: this test would prove nothing")
	}
	if _, err := importer.Purge(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(o.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		text := readLines(t, name)
		if strings.Contains(text, person.ID()) || strings.Contains(text, person.Mailbox()) {
			t.Errorf("%s still holds a person", filepath.Base(name))
		}
	}
	s, err := importer.ReadStatus(t.Context(), o)
	if err != nil || !s.Purged || s.Balance.Read != 400 {
		t.Errorf("status after purge: %+v, %v: the balances stay", s.Balance, err)
	}
	if _, err := importer.Run(t.Context(), o); !errors.Is(err, journal.ErrPurged) {
		t.Errorf("run after purge: %v, want ErrPurged", err)
	}
}

// rejected.csv and conflicts.csv are corrected in a spreadsheet and fed back.
func TestCorrected(t *testing.T) {
	t.Parallel()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.DSN = "" })
	of := samples.Options{Rows: 300, Seed: 9, Defects: 0.1}
	input, truth := sampleFile(t, of)
	o := options(t, k.AdminURL, input)
	mustRun(t, o)
	rejected := filepath.Join(o.Dir, importer.RejectedFile)
	conflicts := filepath.Join(o.Dir, importer.ConflictsFile)
	mode(t, rejected)
	before := readLines(t, conflicts)
	corrected, twins := 0, 0
	twin := ""
	rewrite(t, rejected, func(row map[string]string) bool {
		if strings.HasPrefix(row["TELEPHONE"], "+") {
			t.Errorf("a spreadsheet would execute %q", row["TELEPHONE"])
		}
		if row["import_motif"] == "" || row["import_ligne"] == "" {
			t.Errorf("no reason or no line: %v", row)
		}
		if strings.Contains(row["import_motif"], "11 colonnes") && !strings.HasSuffix(row["DERNIERE_CONNEXION"], ";une colonne de trop") {
			t.Errorf("a part of the row is lost: %v", row)
		}
		if strings.Contains(row["import_motif"], "même identifiant") {
			twins, twin = twins+1, row["ID_USAGER"] // another person's row, fed back as it is
			return true
		}
		if !strings.Contains(row["import_motif"], "arobase") && !strings.Contains(row["import_motif"], "valable") {
			return false // removed from the file: not imported this time
		}
		row["ADRESSE_MAIL"] = "corrige" + row["ID_USAGER"] + "@mairie.example.test"
		corrected++
		return true
	})
	owner, _ := everybody(t, k)
	o.Input = rejected
	s := mustRun(t, o)
	if corrected == 0 || twins == 0 || !s.Partial || s.Balance != (journal.Balance{Read: corrected + twins, Created: corrected, Rejected: twins}) {
		t.Errorf("%d corrected rows and %d uncorrected ones came back as %s", corrected, twins, show(s))
	}
	if !strings.Contains(readLines(t, filepath.Join(o.Dir, "rejected-run2.csv")), "\n"+twin+";") {
		t.Error("an uncorrected row is not in the file of its run")
	}
	if s.Disappeared != 0 {
		t.Error("rows that are not in a corrected file have not disappeared")
	}
	if readLines(t, conflicts) != before {
		t.Error("a corrected file changed the conflicts of the whole source")
	}
	there, _ := everybody(t, k)
	if len(there) != truth.Created+corrected {
		t.Errorf("%d accounts, want %d", len(there), truth.Created+corrected)
	}
	for _, a := range there {
		if strings.HasPrefix(a.Traits.FamilyName, "'") {
			t.Error("an escaped cell came back with its apostrophe")
		}
	}
	if there[twin].Traits != owner[twin].Traits {
		t.Errorf("another person's row took the account of %s: %+v, was %+v", twin, there[twin].Traits, owner[twin].Traits)
	}
	path, err := importer.Report(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if page := readLines(t, path); !strings.Contains(page, "Bilan du passage 1,") || !strings.Contains(page, fmt.Sprintf(`<td class="n">%d</td>`, truth.Read)) {
		t.Error("after a corrected file the report no longer has the balance of the whole")
	}
}

// rewrite edits one of our files as a spreadsheet would save it; change returns false to leave a row out.
func rewrite(t *testing.T, path string, change func(map[string]string) bool) {
	t.Helper()
	rows := csvRows(t, path)
	var out strings.Builder
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Comma = ';'
	w.Write(rows[0])
	for _, row := range rows[1:] {
		named := map[string]string{}
		for i, name := range rows[0] {
			named[name] = row[i]
		}
		if !change(named) {
			continue
		}
		for i, name := range rows[0] {
			row[i] = named[name]
		}
		w.Write(row)
	}
	w.Flush()
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func csvRows(t *testing.T, path string) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(readLines(t, path), "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
