package cluster

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"efpconnect.example/internal/seal"
)

// kills is where processes die: between each answer of Kratos and each write that follows it, for every way in which Kratos
// answers at steps 2 and 3. The person is careless (a wrong code and a refused password first) or asks for another mail where
// the way needs it. Points with a + are one after the other, each the end of another process.
var kills = []kill{
	{point: "flow: opened"},
	{point: "email: decided"},
	{point: "email: kept"},
	{point: "resend: decided", resend: true},
	{point: "resend: kept", resend: true},
	// A right code.
	{point: "code: answered"},
	{point: "code: decided"},
	{point: "code: kept"},
	// The right code of a dead process is used: another flow is opened for it, by a process that dies too.
	{point: "code: answered+flow: opened"},
	{point: "code: answered+code: decided"},
	// A wrong code.
	{point: "code: answered", careless: true},
	{point: "code: judged", careless: true},
	{point: "code: decided", careless: true},
	{point: "code: kept", careless: true},
	// A password that Kratos saves.
	{point: "password: answered"},
	{point: "password: revoked"},
	{point: "password: noted"},
	{point: "password: decided"},
	{point: "password: kept"},
	// A password that Kratos refuses.
	{point: "password: answered", careless: true},
	{point: "password: revoked", careless: true},
	{point: "password: decided", careless: true},
	{point: "password: kept", careless: true},
}

// registrationKills are those of the creation of an account. What a dead process had Kratos make is there: another mail's code says so, and
// a reset gives the account its password.
var registrationKills = []kill{
	{point: "flow: opened"},
	{point: "creation: decided"},
	{point: "creation: kept"},
	{point: "resend: decided", resend: true},
	{point: "resend: kept", resend: true},
	{point: "code: made"},
	{point: "code: answered"},
	{point: "code: decided"},
	{point: "code: kept"},
	{point: "code: made+code: decided"},
	{point: "code: judged", careless: true},
	{point: "names: answered"},
	{point: "names: answered+password: answered"},
	{point: "password: answered"},
	{point: "password: revoked"},
	{point: "password: decided"},
	{point: "password: kept"},
	{point: "password: decided", careless: true},
}

type kill struct {
	point            string
	careless, resend bool
}

func (k kill) points() []string { return strings.Split(k.point, "+") }

// atATime bounds how many ways are walked at once whatever the number of cores: most of the time is waiting for a dead
// process's lock, and each way has processes of its own.
const atATime = 5

// killed: what a process had begun when it died is taken up by another; the lock of the dead one ends by itself.
func killed(t *testing.T, n *neighbours) {
	var all errgroup.Group
	all.SetLimit(atATime)
	walk := func(flow string, kills []kill, at func(*testing.T, *neighbours, kill)) {
		for _, kill := range kills {
			name := flow + " " + kill.point
			if kill.careless {
				name += ", careless"
			}
			all.Go(func() error {
				t.Run(name, func(t *testing.T) { at(t, n, kill) })
				return nil
			})
		}
	}
	walk("reset", kills, killedAt)
	walk("registration", registrationKills, killedWhileRegistering)
	_ = all.Wait()
}

func killedAt(t *testing.T, n *neighbours, k kill) {
	p, sites := n.doomed(t, k, n.account(t))
	if err := p.reset(false); err != nil {
		t.Fatal(err)
	}
	buried(t, n, p, k, sites)
	if told := n.notices(p.address, 5*time.Second); told != 1 {
		t.Errorf("told %d times that the password was changed", told)
	}
}

func killedWhileRegistering(t *testing.T, n *neighbours, k kill) {
	p, sites := n.doomed(t, k, n.newcomer())
	if err := p.register(); err != nil {
		t.Fatal(err)
	}
	buried(t, n, p, k, sites)
	if names := n.givenNames(t, p.address); len(names) != 1 || p.lostAccount != (names[0] == "") {
		t.Errorf("accounts of %q; the account was there before its answer: %t", names, p.lostAccount)
	}
}

// doomed is a person at sites of which one dies at each point.
func (n *neighbours) doomed(t *testing.T, k kill, address string) (*person, []*process) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kill")
	x := n.proxy.sibling(t)
	keys := []string{seal.NewKey()}
	var sites []*process
	for range len(k.points()) + 1 {
		sites = append(sites, n.site(x, keys, killAt+"="+file))
	}
	if err := os.WriteFile(file, []byte(strings.Join(k.points(), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	p := n.person(x.url, address)
	p.careless, p.impatient = k.careless, k.resend
	return p, sites
}

// buried is what must hold once the person has finished.
func buried(t *testing.T, n *neighbours, p *person, k kill, sites []*process) {
	t.Helper()
	dead := 0
	for _, site := range sites {
		select {
		case <-site.ended:
			dead++
		default:
		}
	}
	if dead != len(k.points()) {
		t.Errorf("%d processes died: a point was not reached", dead)
	}
	// One page more may fail: these processes wait a quarter of a second for Redis, and the machine is busy with all of them.
	if p.lost != len(k.points()) || p.reloads > len(k.points())+1 {
		t.Errorf("%d pages failed, %d of them for a dead process; want %d", p.reloads, p.lost, len(k.points()))
	}
	if ok, err := login(n, p.address); err != nil || !ok {
		t.Errorf("Kratos accepts the new password: %v, %v", ok, err)
	}
	t.Logf("%d reloads, %d mails, %d asked for again", p.reloads, p.mails, p.resends)
}

var (
	failpointInSource = regexp.MustCompile(`[hs]\.(?:failpoint|Reached)\("([^"]+)"\)`)
	stepInSource      = regexp.MustCompile(`h\.submitted\(f, "([^"]+)"|\.Submission\("([^"]+)"|s\.form\([^"]+, "([^"]+)"|What: +\[\]string\{"([^"]+)"`)
)

// A point that somebody adds to a flow is a point at which a process must be killed here.
func TestEveryPointIsAKill(t *testing.T) {
	for flow, kills := range map[string][]kill{"recovery": kills, "registration": registrationKills} {
		points := pointsOf(t, flow, "mailedcode", "newpassword") // what a flow is made of
		for _, kill := range kills {
			for _, point := range kill.points() {
				if !points[point] {
					t.Errorf("%s has no point %q", flow, point)
				}
			}
		}
		for point := range points {
			if !slices.ContainsFunc(kills, func(k kill) bool { return slices.Contains(k.points(), point) }) {
				t.Errorf("nobody dies at %q of %s", point, flow)
			}
		}
	}
}

// pointsOf reads the failpoints out of packages.
func pointsOf(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	points := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob("../../" + folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source := read(file)
			for _, found := range failpointInSource.FindAllStringSubmatch(source, -1) {
				points[found[1]] = true
			}
			for _, found := range stepInSource.FindAllStringSubmatch(source, -1) {
				step := strings.Join(found[1:], "")
				points[step+": decided"], points[step+": kept"] = true, true // of package once
			}
		}
	}
	return points
}
