package sitetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"index/suffixarray"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Found is a secret that a log holds.
type Found struct {
	What     string // what the secret is
	Value    string
	Encoding string // how it was written
	Place    string // the field of the log's entry, or "no entry" where a line is none
	Line     string
}

// Reading is what chance alone brings into a log: its own numbers, and identifiers that a short value may be part of.
type Reading struct {
	Numbers []string // fields that hold a time or a number of the log's own: a code may equal one
	Run     string   // letters of its identifiers: a short value of these alone counts where no other of them is beside it
}

// short is a value that chance may bring: longer ones it does not.
const short = 8

// Search gives every place of the log at which one of the secrets stands, in whatever encoding.
func Search(log []byte, secrets map[string]string, how Reading) []Found {
	index := suffixarray.New(log)
	lines := map[int]entry{}
	var found []Found
	for value, what := range secrets {
		for _, f := range forms(value) {
			for _, at := range index.Lookup([]byte(f.text), -1) {
				if f.name == "raw" && how.chance(log, at, value) {
					continue
				}
				start := bytes.LastIndexByte(log[:at], '\n') + 1
				if lines[start] == nil {
					lines[start] = readEntry(lineAt(log, start))
				}
				place := lines[start].fieldAt(at - start)
				if f.name == "raw" && len(value) < short && strings.Trim(value, how.Run) == "" && slices.Contains(how.Numbers, place) {
					continue
				}
				found = append(found, Found{What: what, Value: value, Encoding: f.name, Place: place, Line: string(lineAt(log, start))})
			}
		}
	}
	return found
}

func lineAt(log []byte, start int) []byte {
	line, _, _ := bytes.Cut(log[start:], []byte("\n"))
	return line
}

// escaped is what a letter's escape ends with: no part of the value beside it.
var escaped = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4})$`)

// chance tells that a short value is part of a longer number or identifier.
func (how Reading) chance(log []byte, at int, value string) bool {
	if len(value) >= short || how.Run == "" || strings.Trim(value, how.Run) != "" {
		return false
	}
	before, end := log[max(0, at-6):at], at+len(value)
	if end < len(log) && strings.IndexByte(how.Run, log[end]) >= 0 {
		return true
	}
	return len(before) > 0 && strings.IndexByte(how.Run, before[len(before)-1]) >= 0 && !escaped.Match(before)
}

// form is one way to write a value.
type form struct{ name, text string }

// forms are the ways in which a value may stand in a log: as it is or in an address, each also in JSON that may itself be a
// text in JSON; and in base64 at each of its three alignments.
func forms(value string) []form {
	list := []form{{"raw", value}, {"raw", strings.ToLower(value)}}
	for _, text := range []string{url.QueryEscape(value), url.PathEscape(value)} {
		list = append(list, form{"URL", text}, form{"URL", lowerEscapes(text)}, form{"URL twice", url.QueryEscape(text)})
	}
	list = append(list, form{"quoted", inQuotes(strconv.Quote(value))}, form{"quoted", inQuotes(strconv.QuoteToASCII(value))})
	for _, plain := range list {
		for _, html := range []bool{true, false} {
			text := plain.text
			for range deepest {
				text = inJSON(text, html)
				list = append(list, form{plain.name + " in JSON", text})
			}
		}
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			list = append(list, form{"base64", within(encoding, value, offset)})
		}
	}
	slices.SortStableFunc(list, func(a, b form) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(list, func(a, b form) bool { return a.text == b.text })
}

// deepest is how often a document may be a text in another one.
const deepest = 3

// within is what of a value's base64 does not depend on what stands before and after it, offset bytes after a multiple of
// three.
func within(encoding *base64.Encoding, value string, offset int) string {
	text := encoding.EncodeToString(append(make([]byte, offset), value...))
	first, end := (8*offset+5)/6, 8*(offset+len(value))/6
	return text[first:end]
}

func inJSON(value string, html bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	if encoder.Encode(value) != nil {
		panic("a text has no JSON")
	}
	return inQuotes(strings.TrimSuffix(b.String(), "\n"))
}

func inQuotes(quoted string) string { return quoted[1 : len(quoted)-1] }

var escape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(text string) string { return escape.ReplaceAllStringFunc(text, strings.ToLower) }
