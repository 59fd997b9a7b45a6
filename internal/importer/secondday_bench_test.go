package importer_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"efpconnect.example/internal/importer/samples"
)

// againBar is the most that the second run, and a resume, may cost of the first run's processor time.
const againBar = 1.3

// The second day costs no more than the first: a run over an export that is in Kratos already, and the resume of a run that was killed
// half-way, against a server that answers at once and lists what it was given. Processor time is the program's alone.
func BenchmarkSecondDay(b *testing.B) {
	for _, rows := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			input, _ := sampleFile(b, samples.Options{Rows: rows, Seed: 1, Defects: 0.05})
			for b.Loop() {
				kratos := newRemembering(0, nil)
				dir := b.TempDir()
				first := runProgram(b, kratos.URL, input, dir)
				second := runProgram(b, kratos.URL, input, dir)
				kratos.Close()
				report(b, "second", first, second)
				report(b, "resume", first, resumed(b, input, rows))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// resumed kills a run when Kratos has half of the rows, and measures the run that takes it up.
func resumed(b *testing.B, input string, rows int) measured {
	dir := b.TempDir()
	half := make(chan struct{})
	kratos := newRemembering(rows/2, func() { close(half) })
	defer kratos.Close()
	command := importCommand(b, kratos.URL, input, dir)
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	<-half
	command.Process.Kill()
	command.Wait()
	return runProgram(b, kratos.URL, input, dir)
}

func report(b *testing.B, name string, first, again measured) {
	ratio := again.cpu.Seconds() / first.cpu.Seconds()
	b.ReportMetric(ratio, name+"/first")
	b.ReportMetric(again.memory, name+"-MiB-peak")
	b.Logf("%s: %.1f s of processor time, %.1f MiB; the first run %.1f s, %.1f MiB", name, again.cpu.Seconds(), again.memory, first.cpu.Seconds(), first.memory)
	if ratio > againBar || again.memory > 64 {
		b.Errorf("%s: %.2f of the first run's processor time, %.1f MiB; the bars are %.1f and 64", name, ratio, again.memory, againBar)
	}
}

// remembering answers at once like instant, and lists the accounts that it was given as Kratos does. A page is a batch.
type remembering struct {
	*httptest.Server
	mu    sync.Mutex
	pages [][]byte // gzipped: a million accounts are a gigabyte
	count int
	at    int // when it has so many, then is called
	then  func()
}

func newRemembering(at int, then func()) *remembering {
	k := &remembering{at: at, then: then}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPatch:
			body, err := io.ReadAll(r.Body)
			if err == nil {
				k.create(w, body)
			}
		case r.URL.Path == "/admin/identities" && !r.URL.Query().Has("ids"):
			k.list(w, r.URL.Query().Get("page_token"))
		default:
			io.WriteString(w, "[]")
		}
	}))
	return k
}

func (k *remembering) create(w io.Writer, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.count
	var page bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&page, gzip.BestSpeed)
	answer := bytes.NewBufferString(`{"identities":[`)
	items := bytes.Split(body, []byte(`{"create":`))[1:]
	for i, item := range items {
		create, patch, _ := bytes.Cut(item, []byte(`,"patch_id":`))
		id := fmt.Sprintf("00000000-0000-4000-8000-%012x", k.count)
		k.count++
		between := ","
		if i == 0 {
			between = ""
		}
		fmt.Fprintf(answer, `%s{"action":"create","identity":"%s","patch_id":%s}`, between, id, patch[:38])
		fmt.Fprint(zip, between)
		listed(zip, create, id)
	}
	zip.Close()
	k.pages = append(k.pages, page.Bytes())
	answer.WriteString("]}")
	w.Write(answer.Bytes())
	if k.at > before && k.at <= k.count {
		k.then()
	}
}

// listed writes an account as v1.3.1 lists it.
func listed(w io.Writer, create []byte, id string) {
	_, rest, _ := bytes.Cut(create, []byte(`"email":`))
	address := rest[:bytes.IndexByte(rest[1:], '"')+2]
	const at = `"2026-11-30T10:00:00.123456Z"`
	fmt.Fprintf(w, `{"id":"%s","credentials":{"password":{"type":"password","identifiers":[%s],"version":0,"created_at":%s,"updated_at":%s}},`, id, address, at, at)
	w.Write(create[1 : len(create)-1])
	if !bytes.Contains(create, []byte(`"verifiable_addresses"`)) {
		fmt.Fprintf(w, `,"verifiable_addresses":[{"id":"%s","value":%s,"verified":false,"via":"email","status":"pending"}]`, id, address)
	}
	fmt.Fprintf(w, `,"schema_url":"http://127.0.0.1:4433/schemas/YWNjb3VudA","recovery_addresses":[{"id":"%s","value":%s,"via":"email","created_at":%s,"updated_at":%s}],`+
		`"created_at":%s,"updated_at":%s,"organization_id":null}`, id, address, at, at, at, at)
}

func (k *remembering) list(w http.ResponseWriter, token string) {
	k.mu.Lock()
	number, _ := strconv.Atoi(token)
	var page []byte
	if number < len(k.pages) {
		page = k.pages[number]
	}
	if number+1 < len(k.pages) {
		w.Header().Set("Link", fmt.Sprintf(`</admin/identities?page_token=%d>; rel="next"`, number+1))
	}
	k.mu.Unlock()
	io.WriteString(w, "[")
	if page != nil {
		if unzip, err := gzip.NewReader(bytes.NewReader(page)); err == nil {
			io.Copy(w, unzip)
		}
	}
	io.WriteString(w, "]")
}
