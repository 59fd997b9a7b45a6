package mail

import (
	"fmt"
	"strings"
	"time"
)

var (
	typographer = strings.NewReplacer("'", "’")
	plainer     = strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ")
)

// spelled writes the texts of the constants in one manner: typographic in the HTML part, plain in the subject and the text part,
// which programs of every age show.
func (c Constants) spelled(manner *strings.Replacer) Constants {
	for _, text := range []*string{&c.EnvironmentLabel, &c.Ministry, &c.ServiceName} {
		*text = manner.Replace(*text)
	}
	return c
}

// spelled writes the words of a kind in the manner of one part.
func (p page) spelled(manner *strings.Replacer) page {
	for _, text := range []*string{&p.Title, &p.Preheader, &p.Button, &p.Unchanged} {
		*text = manner.Replace(*text)
	}
	return p
}

// MinistryLines is for the templates: the title as it is cut.
func (c Constants) MinistryLines() []string { return strings.Split(c.Ministry, "|") }

// Lifetime is for the templates: "24 heures", "1 heure et 30 minutes".
func (c Constants) Lifetime() string {
	hours, minutes := int(c.CodeLifetime/time.Hour), int(c.CodeLifetime%time.Hour/time.Minute)
	switch {
	case minutes == 0:
		return counted(hours, "heure")
	case hours == 0:
		return counted(minutes, "minute")
	}
	return counted(hours, "heure") + " et " + counted(minutes, "minute")
}

func counted(n int, unit string) string {
	if n > 1 {
		unit += "s"
	}
	return fmt.Sprint(n, " ", unit)
}
