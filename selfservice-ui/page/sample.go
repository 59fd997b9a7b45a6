package page

import (
	"net/url"

	"efpconnect.example/selfservice-ui/sitepath"
)

// A Sample is a page in one state, filled with invented data: the storybook shows them all, and tests go through them.
type Sample struct {
	Name string // for a file name: "code-wrong"
	Page Page
}

// State names what a page is showing: its template and the sentence that makes the difference. The list of samples and
// the journeys are compared by it.
func (p Page) State() string {
	state := p.Template
	if m, ok := p.View.(*Message); ok {
		return state + " " + m.Text
	}
	if p.Notice != nil {
		state += " " + p.Notice.Key
	}
	for _, problem := range p.Problems {
		state += " " + problem.Key
	}
	return state
}

// SampleGuard is everything package formguard can ask of a visitor; the storybook draws its picture.
func SampleGuard(form string) Guard {
	return Guard{Stamp: "formulaire", Challenge: "exemple", Picture: sitepath.Security + "exemple/image", Sound: sitepath.Security + "exemple/son", Proof: sitepath.Security + "preuve/" + form}
}

// MessageSample is the sample of an outcome that is a page of its own.
func MessageSample(name string, m *Message) Sample {
	shown := *m
	if shown.failed() {
		shown.Incident, shown.Actions = "K7Q2M4XWBD5TR3HA", waysFrom(&url.URL{Path: sitepath.ResetCode}, m)
	}
	m = &shown
	return Sample{Name: name, Page: m.page()}
}
