package services

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for raw, sound := range map[string]bool{
		"https://formation.example.test/":                             true,
		"https://formation.example.test/app/login?next=%2Fhome&x=1":   true,
		"https://formation.example.test:8443/a;jsessionid=1/b":        true,
		"http://127.0.0.1:8080/cas":                                   true,
		"http://localhost/":                                           true,
		"https://[2001:db8::1]/":                                      true,
		"https://xn--prfecture-d4a.example.test/":                     true,
		"https://192.0.2.7/":                                          true,
		"http://formation.example.test/":                              false, // in clear over a network
		"https://formation.example.test":                              false, // a browser adds the slash
		"HTTPS://formation.example.test/":                             false,
		"https://Formation.example.test/":                             false,
		"https://formation.example.test./":                            false,
		"https://formation.example.test:443/":                         false,
		"https://formation.example.test:0443/":                        false,
		"https://formation.example.test:/":                            false,
		"https://formation.example.test:99999/":                       false,
		"https://user@formation.example.test/":                        false,
		"https://formation.example.test@evil.example/":                false,
		"https://evil.example\\@formation.example.test/":              false,
		"https:/formation.example.test/":                              false,
		"https:///formation.example.test/":                            false,
		"//formation.example.test/":                                   false,
		"javascript://formation.example.test/%0aalert(1)":             false,
		"https://formation.example.test/a/../b":                       false,
		"https://formation.example.test/a/%2e%2e/b":                   false,
		"https://formation.example.test/a/.%2E/b":                     false,
		"https://formation.example.test/a/%2Fb":                       false,
		"https://formation.example.test/a%5cb":                        false,
		"https://formation.example.test/a\\b":                         false,
		"https://formation.example.test//b":                           false,
		"https://formation.example.test/a#b":                          false,
		"https://formation.example.test/a?b#c":                        false,
		"https://formation.example.test/é":                            false,
		"https://formation.example.test/a b":                          false,
		"https://formation.example.test/a\tb":                         false,
		"https://formation.example.test/a\nb":                         false,
		" https://formation.example.test/":                            false,
		"https://formation.example.test/%":                            false,
		"https://formation.example.test/%zz":                          false,
		"https://formation.example.test/a?b='":                        false,
		"https://formation.example.test/%00":                          false,
		"https://préfecture.example.test/":                            false,
		"https://192.0.2.07/":                                         false,
		"https://3221225991/":                                         false,
		"https://0xc0000207/":                                         false,
		"https://[2001:DB8::1]/":                                      false,
		"https://[::ffff:192.0.2.7]/":                                 false,
		"https://formation%2eexample.test/":                           false,
		"https://-x.example.test/":                                    false,
		"":                                                            false,
		"https://formation.example.test/" + strings.Repeat("a", 4000): false,
	} {
		if _, err := parseAddress(raw); (err == nil) != sound {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		entry, wanted string
		want          bool
	}{
		{"https://a.example.test/app", "https://a.example.test/app", true},
		{"https://a.example.test/app", "https://a.example.test/app/x?y=z", true},
		{"https://a.example.test/app", "https://a.example.test/application", false},
		{"https://a.example.test/app/", "https://a.example.test/app", false},
		{"https://a.example.test/", "https://a.example.test/anything", true},
		{"https://a.example.test/", "https://b.example.test/", false},
		{"https://a.example.test/", "https://a.example.test.evil.example/", false},
		{"https://a.example.test/", "https://a.example.test:8443/", false},
		{"https://127.0.0.1:81/", "http://127.0.0.1:81/", false},
	} {
		entry, err := parseAddress(c.entry)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := parseAddress(c.wanted)
		if err != nil {
			t.Fatal(err)
		}
		if entry.covers(wanted) != c.want {
			t.Errorf("%s covers %s: %v", c.entry, c.wanted, !c.want)
		}
	}
}

// What is taken is what a WHATWG parser, a browser's, leaves unchanged: Node's own is asked.
func TestABrowserReadsTheSame(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("Node.js is needed, as for the assets: ", err)
	}
	candidates := mutations(40_000)
	command := exec.CommandContext(t.Context(), node, "-e", `
		require('readline').createInterface({input: process.stdin}).on('line', (line) => {
			const raw = JSON.parse(line)
			let same = false
			try { same = new URL(raw).href === raw } catch {}
			console.log(same ? '1' : '0')
		})`)
	var input bytes.Buffer
	taken := 0
	var asked []string
	for _, raw := range candidates {
		if _, err := parseAddress(raw); err == nil {
			taken++
			asked = append(asked, raw)
			input.WriteString(quoted(raw) + "\n")
		}
	}
	command.Stdin = &input
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for i := 0; lines.Scan(); i++ {
		if lines.Text() != "1" {
			t.Errorf("taken, and a browser rewrites it: %q", asked[i])
		}
	}
	if taken < 1000 {
		t.Errorf("%d of %d were taken: too few to say anything", taken, len(candidates))
	}
}

// mutations changes sound addresses a little, the same way at each run.
func mutations(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	seeds := []string{"https://a.example.test/app/x?y=z&w=%C3%A9", "http://127.0.0.1:8080/", "https://[2001:db8::1]:8443/a;b", "https://192.0.2.7/a/b/c?d"}
	var pieces []string
	for c := range 128 {
		pieces = append(pieces, string(rune(c)))
	}
	pieces = append(pieces, "%2e", "%2F", "%5C", "..", "/./", "//", "é", "\u200b", "ſ", "%41", "%", "@", ":443", ":80", "xn--", "0x7f.1", "?", "#")
	all := make([]string, 0, n)
	for range n {
		text := seeds[random.IntN(len(seeds))]
		for range random.IntN(3) {
			at := random.IntN(len(text) + 1)
			cut := min(len(text), at+random.IntN(2))
			text = text[:at] + pieces[random.IntN(len(pieces))] + text[cut:]
		}
		all = append(all, text)
	}
	return all
}
