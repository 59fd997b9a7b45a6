package remind

import "sort"

const (
	// window, least and share are the stop rule: more than 2 % of 500 mails in a row, of all of them while they are fewer, of 50 at least.
	window = 500
	least  = 50
	share  = 50 // one in so many
)

// whole is the name under which all recipient domains together stop.
const whole = ""

// mailNote is a mail that the relay was given, and whether it failed: refused by the relay, or returned by a delivery report.
type mailNote struct {
	number int64
	domain string
	failed bool
}

// watch applies the stop rule. A report may come days after its mail: it is the mails in a row around it that are judged, so that a
// late report weighs what a prompt one does.
//
// All domains together stop when their mails pass the same share without the domain that fails most: what one domain does is that
// domain's affair, and stops it alone.
type watch struct {
	all      []mailNote
	byDomain map[string][]int // indexes into all
	place    map[int64]int    // of a mail, in all
	stopped  map[string]bool
}

func newWatch() *watch {
	return &watch{byDomain: map[string][]int{}, place: map[int64]int{}, stopped: map[string]bool{}}
}

// verdict is a stop: of so many mails in a row, so many failed.
type verdict struct {
	Domain string `json:"domain"`
	Failed int    `json:"failed"`
	Of     int    `json:"of"`
}

// add notes a mail that the relay was given, in their order. It returns what is to stop because there are enough mails now to judge
// earlier failures.
func (w *watch) add(number int64, domain string) (stops []verdict) {
	at := len(w.all)
	w.place[number] = at
	w.byDomain[domain] = append(w.byDomain[domain], at)
	w.all = append(w.all, mailNote{number: number, domain: domain})
	if len(w.byDomain[domain]) == least || len(w.all)%least == 0 {
		return w.judge(at)
	}
	return nil
}

// fail notes that a mail failed, and returns what is to stop because of it.
func (w *watch) fail(number int64) (stops []verdict) {
	at, known := w.place[number]
	if !known || w.all[at].failed {
		return nil
	}
	w.all[at].failed = true
	return w.judge(at)
}

// judge looks at the mails in a row around the one at an index, then at all domains together.
func (w *watch) judge(at int) (stops []verdict) {
	domain := w.all[at].domain
	if w.stopped[domain] || w.stopped[whole] {
		return nil
	}
	if failed, of, over := w.worst(w.byDomain[domain], at, w.count); over {
		w.stopped[domain] = true
		stops = append(stops, verdict{domain, failed, of})
	}
	going := make([]int, 0, 2*window)
	for i := max(0, at-4*window); i < len(w.all) && i < at+4*window; i++ { // enough of them, whatever has stopped
		if !w.stopped[w.all[i].domain] {
			going = append(going, i)
		}
	}
	if failed, of, over := w.worst(going, at, w.withoutOne); over {
		w.stopped[whole] = true
		stops = append(stops, verdict{whole, failed, of})
	}
	return stops
}

// worst looks at each row of window mails that holds the one at an index, and returns the first that is over the rule.
func (w *watch) worst(mails []int, at int, count func([]int) (failed, of int)) (failed, of int, over bool) {
	place := sort.SearchInts(mails, at)
	first, last := max(0, place-window+1), max(0, min(place, len(mails)-window))
	step := max(1, (last-first)/10) // a row every so many: one mail more or less decides nothing
	for start := first; start <= last; start += step {
		failed, of = count(mails[start:min(start+window, len(mails))])
		if of >= least && failed*share > of {
			return failed, of, true
		}
	}
	failed, of = count(mails[last:min(last+window, len(mails))])
	return failed, of, of >= least && failed*share > of
}

func (w *watch) count(mails []int) (failed, of int) {
	for _, i := range mails {
		if w.all[i].failed {
			failed++
		}
	}
	return failed, len(mails)
}

// withoutOne leaves out the domain that has most failures.
func (w *watch) withoutOne(mails []int) (failed, of int) {
	failures, sizes := map[string]int{}, map[string]int{}
	most := ""
	for _, i := range mails {
		domain := w.all[i].domain
		sizes[domain]++
		if w.all[i].failed {
			failed++
			failures[domain]++
			if failures[domain] > failures[most] {
				most = domain
			}
		}
	}
	return failed - failures[most], len(mails) - sizes[most]
}
