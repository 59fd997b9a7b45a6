package ui_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
	"efpconnect.example/internal/testkit/sitetest"
)

// Each log's own numbers, and the letters of its identifiers.
var (
	siteReading   = sitetest.Reading{Numbers: []string{"time", "ms"}, Run: "0123456789"}
	kratosReading = sitetest.Reading{Numbers: []string{"time", "http_response.took", "http_response.size"}, Run: "0123456789abcdef"}
)

// kratosWrites is all that Kratos's log tells of a person at the level of config/kratos.yml. log.level: warning ends every one of
// them (TestWhatEndsIt), log.leak_sensitive_values: false all others; docs/operations.md has the same list for administrators.
var kratosWrites = []struct{ what, field string }{
	{"user agent", "http_request.headers.user-agent"},
	{"client address", "http_request.headers.true-client-ip"},
	{"client address", "http_request.headers.x-forwarded-for"},
	{"account", "identity_id"},
	{"account", "error.details.identity_id"},
	{"account", "http_response.headers.x-kratos-authenticated-identity-id"},
	{"session", "session_id"},
	{"flow", "login_flow.id"},
	{"flow", "recovery_flow.id"},
	{"flow", "registration_flow.id"},
	{"flow", "settings_flow.id"},
	{"flow", "settings_flow.request_url"},
	{"flow", "registration_flow_id"},
	{"field return_to", "login_flow.return_to"},
	{"field return_to", "login_flow.request_url"},
	{"field service", "login_flow.return_to"}, // the address of a service that sent its visitor
	{"field service", "login_flow.request_url"},
	// The admin API alone: the import and administrators.
	{"address", "http_response.headers.link"},
	{"field identifiant", "http_response.headers.link"}, // typed before there was an account
	{"account", "http_response.headers.link"},
	{"account", "http_request.path"},
	{"account", "http_response.headers.location"},
}

// siteFields is all that the site's own log has: nothing else about people.
var siteFields = strings.Fields(`time level msg request
	method route status ms
	message cause action
	service new_login
	audit.what audit.outcome audit.account account
	client network
	expected setting bytes
	form way outcome caught
	rule retry_after full
	public listen internal store`)

// noted is what the record must have heard of, or the search proves nothing.
var noted = strings.Fields(`address code link token flow account session
	field.identifiant field.code field.mot-de-passe field.confirmation field.demande field.formulaire field.return_to
	cookie.efp_reinitialisation cookie.efp_visite cookie.efp_terminee cookie.efp_identifiant cookie.efp_appareil cookie.ory_kratos_session
	user.agent client.address given.name hook.key site.key ticket`)

// checkLogs searches what the sites and Kratos logged, over all journeys and bad inputs, for everything that is a person's.
func checkLogs(t *testing.T, record *sitetest.Record) {
	for _, fault := range slices.Concat(deaf(record), siteFaults(record), kratosFaults(record, os.Getenv("EFP_TEST_KRATOS") == "")) {
		t.Error(fault)
	}
}

func deaf(record *sitetest.Record) (faults []string) {
	heard := map[string]bool{}
	for what := range record.Heard() {
		heard[strings.ReplaceAll(what, " ", ".")] = true
	}
	for _, what := range noted {
		if !heard[what] {
			faults = append(faults, "the record has heard of no "+what)
		}
	}
	return faults
}

// siteFaults: the site's log holds no secret, and no field that is not known.
func siteFaults(record *sitetest.Record) (faults []string) {
	for _, f := range sitetest.Search([]byte(record.Log.String()), record.Secrets(), siteReading) {
		faults = append(faults, fmt.Sprintf("the site's log holds a %s (%s, in %s): %.1000s", f.What, f.Encoding, f.Place, f.Line))
	}
	known := map[string]bool{}
	for line := range strings.Lines(record.Log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			faults = append(faults, "no entry of the site's log: "+line)
			continue
		}
		for _, field := range fields("", entry) {
			if !known[field] && !slices.Contains(siteFields, field) {
				faults = append(faults, fmt.Sprintf("the site's log has a field %s: %.1000s", field, line))
			}
			known[field] = true
		}
	}
	return faults
}

// fields are the names in an entry, with those that they are in.
func fields(in string, entry map[string]any) (names []string) {
	for name, value := range entry {
		if group, ok := value.(map[string]any); ok {
			names = append(names, fields(in+name+".", group)...)
			continue
		}
		names = append(names, in+name)
	}
	return names
}

// kratosFaults: Kratos's log tells what kratosWrites lists. All of it must be there where the version is the one it was
// written for, or the list is none.
func kratosFaults(record *sitetest.Record, all bool) (faults []string) {
	told := map[string]string{}
	for _, f := range sitetest.Search([]byte(record.KratosLog.String()), record.Secrets(), kratosReading) {
		told[f.What+" in "+f.Place] = fmt.Sprintf("(%s): %.1500s", f.Encoding, f.Line)
	}
	for _, listed := range kratosWrites {
		key := listed.what + " in " + listed.field
		if told[key] == "" && all {
			faults = append(faults, "Kratos no longer writes a "+key+": take it off the lists")
		}
		delete(told, key)
	}
	for _, key := range slices.Sorted(maps.Keys(told)) {
		faults = append(faults, "Kratos writes a "+key+" "+told[key])
	}
	return faults
}

// What the lists say of log.level: warning, on a Kratos that has it: nothing about anybody is in its log.
func TestWhatEndsIt(t *testing.T) {
	kratostest.Binary(t) // -short walks nothing, so there is nothing to search
	record := sitetest.NewRecord()
	t.Run("walk", func(t *testing.T) {
		o := formguardOptions(t, "testdata/formguard/return-to.txt")
		o.Record, o.Engine = record, func(e *kratosprocess.Options) { e.Overrides["log.level"] = "warning" }
		site := sitetest.Start(t, o)
		for _, script := range []string{"formguard/return-to", "journeys/guide", "journeys/inactive", "journeys/login-inactive", "journeys/password-refusals"} {
			t.Run(nameOf(script), func(t *testing.T) { testscript.Run(t, walks(site, "testdata/"+script+".txt")) })
		}
	})
	log := record.KratosLog.String()
	if !strings.Contains(log, `"level":"warn`) || len(record.Secrets()) < 50 {
		t.Fatalf("%d secrets, and the log says nothing at all: %s", len(record.Secrets()), log)
	}
	for _, f := range sitetest.Search([]byte(log), record.Secrets(), kratosReading) {
		t.Errorf("Kratos writes a %s in %s: %s", f.What, f.Place, f.Line)
	}
}

// Administrators read the same list.
func TestOperationsHaveTheList(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range kratosWrites {
		if !strings.Contains(string(page), "`"+listed.field+"`") {
			t.Errorf("docs/operations.md does not name %s", listed.field)
		}
	}
}

// The judge's own eyes: each kind of secret, in one line of one log, is told.
func TestLeaksAreTold(t *testing.T) {
	for _, c := range []struct {
		why, site, kratos string
		want              string
	}{
		{why: "nothing", site: `{"msg":"request","ms":123456}`, kratos: `{"msg":"x","http_response":{"took":123456}}`},
		{why: "a code", site: `{"msg":"page","cause":"code 123456"}`, want: "the site's log holds a code (raw, in cause)"},
		{why: "a number of the log's name, elsewhere", site: `{"audit":{"ms":"123456"}}`, want: "holds a code"},
		{why: "an address in an address", site: `{"msg":"page","cause":"GET /x?a=camille%40example.test"}`, want: "holds a address (URL, in cause)"},
		{why: "no entry", site: "panic: camille@example.test", want: "holds a address (raw, in no entry)"},
		{why: "a field nobody has allowed", site: `{"msg":"page","path":"/"}`, want: "has a field path"},
		{why: "what Kratos may write", kratos: `{"http_request":{"headers":{"user-agent":"Mozilla/5.0 x"}}}`},
		{why: "the same, elsewhere", kratos: `{"msg":"Mozilla/5.0 x"}`, want: "Kratos writes a user agent in msg"},
		{why: "a code in Kratos's log", kratos: `{"recovery_code":"123456"}`, want: "Kratos writes a code in recovery_code"},
	} {
		record := sitetest.NewRecord()
		record.Secret("code", "123456")
		record.Secret("address", "camille@example.test")
		record.Secret("user agent", "Mozilla/5.0 x")
		fmt.Fprintln(&record.Log, cmp.Or(c.site, "{}"))
		fmt.Fprintln(&record.KratosLog, cmp.Or(c.kratos, "{}"))
		told := strings.Join(append(siteFaults(record), kratosFaults(record, false)...), "\n")
		if (told == "") != (c.want == "") || !strings.Contains(told, c.want) {
			t.Errorf("%s: %q is told, want %q", c.why, told, c.want)
		}
	}
	if got := deaf(sitetest.NewRecord()); len(got) != len(noted) {
		t.Errorf("of an empty record: %q", got)
	}
	if got := kratosFaults(sitetest.NewRecord(), true); len(got) != len(kratosWrites) {
		t.Errorf("of an empty log: %q", got)
	}
}
