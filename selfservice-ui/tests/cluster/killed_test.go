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

type kill struct {
	point            string
	careless, resend bool
}

// atATime bounds how many ways are walked at once whatever the number of cores: most of the time is waiting for a dead
// process's lock, and each way has processes of its own.
const atATime = 5

// killed: what a process had begun when it died is taken up by another; the lock of the dead one ends by itself.
func killed(t *testing.T, n *neighbours) {
	var all errgroup.Group
	all.SetLimit(atATime)
	for _, kill := range kills {
		name := kill.point
		if kill.careless {
			name += ", careless"
		}
		all.Go(func() error {
			t.Run(name, func(t *testing.T) { killedAt(t, n, strings.Split(kill.point, "+"), kill.careless, kill.resend) })
			return nil
		})
	}
	_ = all.Wait()
}

func killedAt(t *testing.T, n *neighbours, points []string, careless, resend bool) {
	file := filepath.Join(t.TempDir(), "kill")
	x := n.proxy.sibling(t)
	keys := []string{seal.NewKey()}
	var sites []*process
	for range len(points) + 1 {
		sites = append(sites, n.site(x, keys, killAt+"="+file))
	}
	if err := os.WriteFile(file, []byte(strings.Join(points, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	p := n.person(x.url, n.account(t))
	p.careless, p.impatient = careless, resend
	started := time.Now()
	if err := p.reset(false); err != nil {
		t.Fatal(err)
	}
	dead := 0
	for _, site := range sites {
		select {
		case <-site.ended:
			dead++
		default:
		}
	}
	if dead != len(points) {
		t.Errorf("%d processes died: a point was not reached", dead)
	}
	// One page more may fail: these processes wait a quarter of a second for Redis, and the machine is busy with all of them.
	if p.lost != len(points) || p.reloads > len(points)+1 {
		t.Errorf("%d pages failed, %d of them for a dead process; want %d", p.reloads, p.lost, len(points))
	}
	if ok, err := login(n, p.address); err != nil || !ok {
		t.Errorf("Kratos accepts the new password: %v, %v", ok, err)
	}
	if told := n.notices(p.address, 5*time.Second); told != 1 {
		t.Errorf("told %d times that the password was changed", told)
	}
	t.Logf("%d reloads, %d mails, %d asked for again, %s", p.reloads, p.mails, p.resends, time.Since(started).Round(time.Second))
}

var (
	failpointInSource = regexp.MustCompile(`[hs]\.failpoint\("([^"]+)"\)`)
	stepInSource      = regexp.MustCompile(`h\.submitted\(f, "([^"]+)"|s\.form\([^"]+, "([^"]+)"|What: +\[\]string\{"([^"]+)"`)
)

// A point that somebody adds to the reset is a point at which a process must be killed here.
func TestEveryPointIsAKill(t *testing.T) {
	var files []string
	for _, folder := range []string{"recovery", "mailedcode", "newpassword"} { // what the reset is made of
		found, err := filepath.Glob("../../" + folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	points := map[string]bool{}
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
	for _, kill := range kills {
		for point := range strings.SplitSeq(kill.point, "+") {
			if !points[point] {
				t.Errorf("the reset has no point %q", point)
			}
		}
	}
	for point := range points {
		if !slices.ContainsFunc(kills, func(k kill) bool { return slices.Contains(strings.Split(k.point, "+"), point) }) {
			t.Errorf("nobody dies at %q", point)
		}
	}
}
