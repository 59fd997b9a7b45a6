package source

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// members finds the wanted columns in JSON objects. A column is the name of a member, or the path to one: `attributes.phone[0]` is the
// first element of the member phone of the member attributes. A member that bears the whole path as its name wins.
type members struct {
	wanted
	names []string // of columns, in Unicode form C
	paths [][]step
	whole []bool // of columns: an object or a list is given as JSON text
}

// step is one part of a path: a member's name, or the index of an element when name is "".
type step struct {
	name  string
	index int
}

func newMembers(columns, whole []string) *members {
	m := &members{wanted: newWanted(columns)}
	for _, column := range columns {
		m.names = append(m.names, norm.NFC.String(column))
		m.paths = append(m.paths, parsePath(column))
		m.whole = append(m.whole, slices.Contains(whole, column))
	}
	return m
}

// parsePath cuts a path at its dots and brackets. A part that does not end like an index is part of a name.
func parsePath(path string) (steps []step) {
	for part := range strings.SplitSeq(path, ".") {
		name, indexes := part, []step(nil)
		for strings.HasSuffix(name, "]") {
			open := strings.LastIndexByte(name, '[')
			if open < 0 {
				break
			}
			index, err := strconv.Atoi(name[open+1 : len(name)-1])
			if err != nil || index < 0 {
				break
			}
			name, indexes = name[:open], append([]step{{index: index}}, indexes...)
		}
		if name != "" || len(indexes) == 0 {
			steps = append(steps, step{name: norm.NFC.String(name)})
		}
		steps = append(steps, indexes...)
	}
	return steps
}

// record reads one object. Its text is kept when it is no sound row.
func (m *members) record(line int64, text []byte) Record {
	record := Record{Line: line, Fields: make([]string, len(m.columns))}
	object, repeated, ok := readObject(text)
	if !ok {
		record.Fault, record.Raw = "n’est pas un objet JSON bien écrit", string(text)
		return record
	}
	m.rows = true
	found := false
	for i, column := range m.columns {
		value, there, fault := m.find(i, object, repeated)
		found = found || there
		m.seen[i] = m.seen[i] || there
		if there {
			text, wrong := m.text(i, value)
			record.Fields[i], fault = text, cmp.Or(fault, wrong)
		}
		if fault != "" && record.Fault == "" {
			record.Fault = fmt.Sprintf("« %s » %s", column, fault)
		}
	}
	if !found && record.Fault == "" && len(m.columns) > 0 {
		record.Fault = "n’a aucun des membres que nomme le profil"
	}
	if record.Fault != "" {
		record.Raw = string(text)
	}
	return record
}

// find follows the path of a column. there is false when the object has no such member.
func (m *members) find(i int, object map[string]json.RawMessage, repeated []string) (value json.RawMessage, there bool, fault string) {
	const twice = "est plusieurs fois dans l’objet"
	if value, there = object[m.names[i]]; there {
		if slices.Contains(repeated, m.names[i]) {
			fault = twice
		}
		return value, true, fault
	}
	for depth, step := range m.paths[i] {
		if depth > 0 {
			if step.name == "" {
				if value, there = element(value, step.index); !there {
					return nil, false, ""
				}
				continue
			}
			var ok bool
			if object, repeated, ok = readObject(value); !ok {
				return nil, false, ""
			}
		}
		if value, there = object[step.name]; !there {
			return nil, false, ""
		}
		if slices.Contains(repeated, step.name) {
			return value, true, twice
		}
	}
	return value, true, ""
}

// text is what a member says, or what is wrong with it.
func (m *members) text(i int, value json.RawMessage) (text, fault string) {
	if m.whole[i] && value[0] != '"' && string(value) != "null" {
		return string(value), ""
	}
	text, ok := scalar(value)
	switch {
	case ok:
		return text, ""
	case value[0] == '[':
		return "", "est une liste : nommez son premier élément par [0]"
	}
	return "", "est un objet : nommez l’un de ses membres après un point"
}

// readObject gives the members of an object, their names in Unicode form C, and those that it has several times.
func readObject(text []byte) (object map[string]json.RawMessage, repeated []string, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, nil, false
	}
	object = map[string]json.RawMessage{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, nil, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, nil, false
		}
		name := norm.NFC.String(key.(string))
		if _, twice := object[name]; twice {
			repeated = append(repeated, name)
			continue
		}
		object[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, nil, false
	}
	_, err := decoder.Token()
	return object, repeated, err != nil && len(bytes.TrimSpace(text[decoder.InputOffset():])) == 0
}

// element gives one element of a JSON list.
func element(list json.RawMessage, index int) (json.RawMessage, bool) {
	var all []json.RawMessage
	if json.Unmarshal(list, &all) != nil || index >= len(all) {
		return nil, false
	}
	return all[index], true
}

// scalar is the text of a JSON string, number or boolean; "" for null and for nothing. Numbers stay as they are written: an id of
// 20 digits must not go through a float.
func scalar(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", true
	case raw[0] == '{' || raw[0] == '[':
		return "", false
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	default:
		return string(raw), true
	}
}
