package remind

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"efpconnect.example/internal/email"
	"efpconnect.example/internal/importer/remind/letter"
)

// ErrCampaign is returned for a campaign file with faults; its text lists them all.
var ErrCampaign = errors.New("campagne incorrecte")

// Campaign is what the operator decides, in a file.
type Campaign struct {
	Version          int    `yaml:"version"`
	PublicURL        string `yaml:"public_url"`
	ServiceName      string `yaml:"service_name"`
	OldPortal        string `yaml:"old_portal"`
	Ministry         string `yaml:"ministry"`
	AssistanceURL    string `yaml:"assistance_url"`
	EnvironmentLabel string `yaml:"environment_label"`
	Sender           string `yaml:"sender"`
	ReturnPath       string `yaml:"return_path"` // where delivery reports go; the sender, when empty
	Unsubscribe      string `yaml:"unsubscribe"`
	Relay            string `yaml:"relay"`
	RelayPasswordEnv string `yaml:"relay_password_env"`
	Reports          string `yaml:"reports"` // Maildir or mbox
	Wave             int    `yaml:"wave"`
	Days             int    `yaml:"days"`
	PerHour          int    `yaml:"per_hour"`       // for one recipient domain
	TotalPerHour     int    `yaml:"total_per_hour"` // for all together
	// Paces are the domains that take more or fewer in an hour.
	Paces map[string]int `yaml:"paces"`
}

const maxCampaign = 64 << 10

// ParseCampaign reads a campaign strictly: an unknown key is a fault. All faults are reported at once.
func ParseCampaign(text []byte) (Campaign, error) {
	var c Campaign
	if len(text) > maxCampaign {
		return c, fmt.Errorf("%w : plus de %d octets", ErrCampaign, maxCampaign)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var faults []string
	var types *yaml.TypeError
	switch err := decoder.Decode(&c); {
	case errors.Is(err, io.EOF):
		return c, fmt.Errorf("%w : fichier vide", ErrCampaign)
	case errors.As(err, &types):
		for _, fault := range types.Errors {
			faults = append(faults, yamlFault(fault))
		}
	case err != nil:
		return c, fmt.Errorf("%w : %s", ErrCampaign, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	c.setDefaults()
	if faults = append(faults, c.faults()...); len(faults) > 0 {
		return c, fmt.Errorf("%w, %d fautes :\n  - %s", ErrCampaign, len(faults), strings.Join(faults, "\n  - "))
	}
	return c, nil
}

var (
	unknownKey = regexp.MustCompile(`^line (\d+): field (\S+) not found`)
	wrongType  = regexp.MustCompile(`^line (\d+): cannot unmarshal`)
)

// yamlFault is the library's sentence in French.
func yamlFault(fault string) string {
	if m := unknownKey.FindStringSubmatch(fault); m != nil {
		return "ligne " + m[1] + " : clé inconnue « " + m[2] + " »"
	}
	if m := wrongType.FindStringSubmatch(fault); m != nil {
		return "ligne " + m[1] + " : cette valeur n’est pas de la forme attendue"
	}
	return fault
}

func (c *Campaign) setDefaults() {
	text := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	text(&c.ServiceName, "EFP Connect")
	text(&c.OldPortal, "Mes Démarches")
	text(&c.Ministry, "Ministère|du Travail,|du Plein emploi|et de l’Insertion")
	text(&c.ReturnPath, c.Sender)
	for field, value := range map[*int]int{&c.Wave: 5000, &c.Days: 14, &c.PerHour: 300, &c.TotalPerHour: 10_000} {
		if *field == 0 {
			*field = value
		}
	}
	paces := map[string]int{}
	for domain, n := range c.Paces {
		if a, fault := email.Parse("nom@" + domain); fault == "" {
			domain = a.Domain()
		}
		paces[domain] = n
	}
	c.Paces = paces
}

func (c *Campaign) faults() (all []string) {
	add := func(key, fault string) { all = append(all, key+" : "+fault) }
	if c.Version != 1 {
		add("version", "doit être 1")
	}
	for _, text := range []struct{ key, value string }{{"service_name", c.ServiceName}, {"old_portal", c.OldPortal}, {"ministry", c.Ministry},
		{"environment_label", c.EnvironmentLabel}} {
		if strings.ContainsFunc(text.value, unicode.IsControl) || len(text.value) > 200 {
			add(text.key, "une ligne, de 200 caractères au plus")
		}
	}
	for _, address := range []struct{ key, value string }{{"public_url", c.PublicURL}, {"assistance_url", c.AssistanceURL}} {
		u, err := url.Parse(address.value)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			add(address.key, "une adresse comme https://efpconnect.example.test")
		} else if address.key == "public_url" && u.RawQuery+u.Fragment != "" {
			add(address.key, "rien ne peut suivre le chemin")
		}
	}
	for _, address := range []struct{ key, value string }{{"sender", c.Sender}, {"return_path", c.ReturnPath}, {"unsubscribe", c.Unsubscribe}} {
		if a, fault := email.Parse(address.value); fault != "" || a.String() != address.value {
			add(address.key, "une adresse e-mail seule, comme nom@example.test")
		}
	}
	if _, err := c.relay(nil); err != nil {
		add("relay", err.Error())
	}
	for key, value := range map[string]int{"wave": c.Wave, "days": c.Days, "per_hour": c.PerHour, "total_per_hour": c.TotalPerHour} {
		if value < 1 {
			add(key, "plus que zéro")
		}
	}
	for domain, n := range c.Paces {
		if !strings.Contains(domain, ".") || n < 1 {
			add("paces."+domain, "un nom de domaine, et plus que zéro par heure")
		}
	}
	return all
}

func (c *Campaign) texts() letter.Texts {
	return letter.Texts{PublicURL: c.PublicURL, EnvironmentLabel: c.EnvironmentLabel, Ministry: c.Ministry, ServiceName: c.ServiceName,
		OldPortal: c.OldPortal, AssistanceURL: c.AssistanceURL, Sender: c.Sender, Unsubscribe: c.Unsubscribe}
}

// interval is the time between two mails to a domain.
func (c *Campaign) interval(domain string) time.Duration {
	if n := c.Paces[domain]; n > 0 {
		return time.Hour / time.Duration(n)
	}
	return time.Hour / time.Duration(c.PerHour)
}
