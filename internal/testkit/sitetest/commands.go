package sitetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"efpconnect.example/internal/testkit/kratostest"
)

// walk is the state of one script: its browsers by name, and which one acts.
type walk struct {
	site     *Site
	browsers map[string]*Browser
	now      *Browser
	ts       *testscript.TestScript

	solvedID, solvedAnswer string // the last security code
	proof                  string // the last proof of work
}

var walks sync.Map // *testscript.TestScript → *walk

// Setup gives each script addresses that no other script uses: $ME, the same as $UPPER, and $OTHER.
func Setup(env *testscript.Env) error {
	name := filepathBase(env.WorkDir)
	env.Setenv("ME", "moi."+name+"@example.test")
	env.Setenv("UPPER", strings.ToUpper("moi."+name+"@example.test"))
	env.Setenv("OTHER", "autre."+name+"@example.test")
	return nil
}

func filepathBase(dir string) string {
	parts := strings.Split(dir, "script-")
	return strings.ToLower(parts[len(parts)-1])
}

// Commands is the language of the journeys:
//
//	account ADDRESS [inactive] [password=…]   an account at Kratos
//	disable ADDRESS                           it becomes inactive
//	browser NAME                              another browser, or back to one
//	tab NAME                                  another tab of this browser, or back to one
//	open PATH                                 go there
//	fill FIELD VALUE                          type, FIELD is the input's name
//	submit [BUTTON]                           press the (first) button that says so
//	twice [BUTTON]                            press it twice at once: both must end on the same page
//	again                                     send the last form again, as a reload does
//	post PATH [FIELD=VALUE…] [@HEADER=VALUE…]  send a form that no page gave
//	raw PATH BODY                             a form of which nothing is encoded
//	cookie NAME VALUE                         replace a cookie; cut:N and flip change what is there
//	follow LINK                               click the link that says so
//	see TEXT / ! see TEXT                     the page says it; spaces of any kind are equal
//	await TEXT                                open the page again until it says it
//	at PATH                                   the address bar, but for the tab's handle
//	leads ADDRESS                             the answer sends to another site: nothing listens there in a test
//	leads-with PREFIX                         the same, to an address that begins so
//	title TEXT / ! title TEXT                 the page's title holds it
//	status NUMBER
//	holds FIELD VALUE                         what a field holds
//	solve, reuse, carry, fetch, prove         the security code and the proof of work: commands_gate.go
//	wrongcodes NUMBER                         that many wrong codes elsewhere on the site
//	kratos up|down|cut|nonsense|500           what the site finds where Kratos is
//	kratos mute|forgetful                     it sends no code; it knows no flow any more
//	kratos slow DURATION, kratos refuse KIND  late; the next passwords refused for that reason
//	hook down|refuses|up                      what Kratos finds where the permit hook is
//	store down|up|lost                        whether the store answers, and still knows anything
//	code ADDRESS [N]                          wait for the N-th mail (1) and set $CODE and $LINK
//	mails ADDRESS N                           that many mails have come, no more
//	clock DURATION                            move the site's time on
//	whoami / ! whoami                         Kratos knows this browser as somebody
//	visitor ADDRESS CLIENT AGENT              whom Kratos's list of the account's sessions names
//	traits ADDRESS [NAME=VALUE…]              all that the account says of its person beside the address
//	accounts ADDRESS N                        that many accounts have the address
//	login ADDRESS PASSWORD / ! login          Kratos itself accepts the password
func Commands(site *Site) map[string]func(*testscript.TestScript, bool, []string) {
	on := func(f func(*walk, bool, []string) error) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			w := walkOf(ts, site)
			if err := f(w, neg, args); err != nil {
				ts.Fatalf("%v\n%s", err, w.page())
			}
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		"account": on((*walk).account), "disable": on((*walk).disable), "browser": on((*walk).browser), "open": on((*walk).open), "fill": on((*walk).fill),
		"submit": on((*walk).submit), "follow": on((*walk).follow), "see": on((*walk).see), "at": on((*walk).at), "leads": on((*walk).leads),
		"leads-with": on((*walk).leadsWith),
		"title":      on((*walk).title), "status": on((*walk).status), "holds": on((*walk).holds), "code": on((*walk).code),
		"tab": on((*walk).tab), "twice": on((*walk).twice), "again": on((*walk).again), "post": on((*walk).post), "raw": on((*walk).raw), "cookie": on((*walk).cookie),
		"solve": on((*walk).solve), "reuse": on((*walk).reuse), "carry": on((*walk).carry), "fetch": on((*walk).fetch), "prove": on((*walk).prove), "wrongcodes": on((*walk).wrongCodes),
		"await": on((*walk).await), "kratos": on((*walk).kratos), "hook": on((*walk).hook), "store": on((*walk).store),
		"mails": on((*walk).mails), "clock": on((*walk).clock), "whoami": on((*walk).whoami), "login": on((*walk).login), "visitor": on((*walk).visitor),
		"traits": on((*walk).traits), "accounts": on((*walk).accounts),
	}
}

func walkOf(ts *testscript.TestScript, site *Site) *walk {
	made, loaded := walks.LoadOrStore(ts, &walk{site: site, browsers: map[string]*Browser{}, ts: ts})
	w := made.(*walk)
	if !loaded {
		w.now = site.NewBrowser()
		w.browsers["first"] = w.now
	}
	return w
}

// page is what the browser shows, for the report of a failure.
func (w *walk) page() string {
	if w.now == nil || w.now.page == nil {
		return "(no page)"
	}
	return fmt.Sprintf("%d %s\n%s\n%s", w.now.Status, w.now.URL, w.now.Title(), w.now.Text())
}

func (w *walk) account(_ bool, args []string) error {
	identity := kratostest.Identity{Email: args[0], Title: "Madame", GivenName: "Camille", FamilyName: "Serve", Verified: true}
	for _, extra := range args[1:] {
		name, value, _ := strings.Cut(extra, "=")
		switch name {
		case "inactive":
			identity.Inactive = true
		case "password":
			identity.Password = value
		default:
			return fmt.Errorf("account: what is %q?", extra)
		}
	}
	return w.site.CreateAccount(identity)
}

func (w *walk) disable(_ bool, args []string) error { return w.site.Disable(args[0]) }

func (w *walk) browser(_ bool, args []string) error {
	if w.browsers[args[0]] == nil {
		w.browsers[args[0]] = w.site.NewBrowser()
	}
	w.now = w.browsers[args[0]]
	return nil
}

func (w *walk) open(_ bool, args []string) error   { return w.now.Open(args[0]) }
func (w *walk) fill(_ bool, args []string) error   { return w.now.Fill(args[0], grown(args[1])) }
func (w *walk) follow(_ bool, args []string) error { return w.now.Follow(args[0]) }

func (w *walk) submit(_ bool, args []string) error {
	button := ""
	if len(args) > 0 {
		button = args[0]
	}
	return w.now.Submit(button)
}

func (w *walk) see(neg bool, args []string) error {
	if seen := strings.Contains(w.now.Text(), fold(args[0])); seen == neg {
		return fmt.Errorf("the page says %q: %t", args[0], seen)
	}
	return nil
}

func (w *walk) at(_ bool, args []string) error {
	if got := w.now.Place(); got != args[0] {
		return fmt.Errorf("at %s, not %s", got, args[0])
	}
	return nil
}

func (w *walk) leads(_ bool, args []string) error {
	if got := w.now.Header.Get("Location"); got != args[0] {
		return fmt.Errorf("leads to %q, not %s", got, args[0])
	}
	return nil
}

func (w *walk) leadsWith(_ bool, args []string) error {
	if got := w.now.Header.Get("Location"); !strings.HasPrefix(got, args[0]) {
		return fmt.Errorf("leads to %q, not %s…", got, args[0])
	}
	return nil
}

func (w *walk) title(neg bool, args []string) error {
	if strings.Contains(w.now.Title(), fold(args[0])) == neg {
		return fmt.Errorf("the title is %q", w.now.Title())
	}
	return nil
}

func (w *walk) status(_ bool, args []string) error {
	if strconv.Itoa(w.now.Status) != args[0] {
		return fmt.Errorf("status %d, not %s", w.now.Status, args[0])
	}
	return nil
}

func (w *walk) holds(_ bool, args []string) error {
	if got := w.now.Value(args[0]); got != args[1] {
		return fmt.Errorf("%s holds %q, not %q", args[0], got, args[1])
	}
	return nil
}

func (w *walk) code(_ bool, args []string) error {
	n := 1
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	code, link, err := w.site.Code(args[0], n)
	if err == nil {
		w.ts.Setenv("SENDER", w.site.Mailbox.To(args[0])[n-1].From)
	}
	w.ts.Setenv("CODE", code)
	w.ts.Setenv("LINK", link)
	w.ts.Setenv("WRONG", wrongCode(code))
	return err
}

// Code waits for the n-th mail to an address and reads its code and its button. The mail may be here before Kratos has noted in
// the flow that it was sent, and until then takes no code: a person is not that quick.
func (s *Site) Code(address string, n int) (code, link string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	mail, err := s.Mailbox.Wait(ctx, address, n)
	if err != nil {
		return "", "", err
	}
	s.Faults.settle()
	found := codeInMail.FindStringSubmatch(mail.Text)
	if found == nil {
		return "", "", fmt.Errorf("no code in the mail: %s", mail.Text)
	}
	return strings.ReplaceAll(found[1], " ", ""), linkInMail.FindString(mail.Text), nil
}

// wrongCode differs from the right one in its last digit.
func wrongCode(code string) string {
	if code == "" {
		return ""
	}
	last := (code[5]-'0'+1)%10 + '0'
	return code[:5] + string(last)
}

func (w *walk) mails(_ bool, args []string) error {
	if got := len(w.site.Mailbox.To(args[0])); strconv.Itoa(got) != args[1] {
		return fmt.Errorf("%d mails to %s, not %s", got, args[0], args[1])
	}
	return nil
}

func (w *walk) clock(_ bool, args []string) error {
	d, err := time.ParseDuration(args[0])
	w.site.Clock.Advance(d)
	return err
}

func (w *walk) whoami(neg bool, _ []string) error {
	known, err := w.site.Whoami(w.now.Cookies())
	if err == nil && known == neg {
		err = fmt.Errorf("whoami: %t", known)
	}
	return err
}

func (w *walk) login(neg bool, args []string) error {
	ok, err := w.site.Login(args[0], args[1])
	if err == nil && ok == neg {
		err = fmt.Errorf("Kratos accepts the password: %t", ok)
	}
	return err
}

func (w *walk) traits(_ bool, args []string) error {
	got, err := w.site.Traits(args[0])
	if err != nil {
		return err
	}
	want := map[string]string{"email": args[0]}
	for _, one := range args[1:] {
		name, value, _ := strings.Cut(one, "=")
		want[name] = value
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("the account says %q, not %q", got, want)
	}
	return nil
}

func (w *walk) accounts(_ bool, args []string) error {
	ids, err := w.site.accounts(args[0])
	if want, _ := strconv.Atoi(args[1]); err == nil && len(ids) != want {
		err = fmt.Errorf("%d accounts", len(ids))
	}
	return err
}

func (w *walk) visitor(_ bool, args []string) error {
	devices, err := w.site.Devices(args[0])
	if want := args[1] + " " + args[2]; err == nil && !slices.Contains(devices, want) {
		err = fmt.Errorf("Kratos names %q, not %q", devices, want)
	}
	return err
}
