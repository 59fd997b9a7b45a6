package remind

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestExampleCampaign(t *testing.T) {
	text, err := os.ReadFile("../profiles/campagne.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCampaign(text)
	if err != nil {
		t.Fatal(err)
	}
	if c.interval("example.org") != 36*time.Second || c.interval("example.com") != 12*time.Second {
		t.Errorf("paces %v and %v", c.interval("example.org"), c.interval("example.com"))
	}
}

// An operator hears of every fault at once, in French.
func TestCampaignFaults(t *testing.T) {
	_, err := ParseCampaign([]byte("version: 2\npublic_url: efpconnect\nassistance_url: mailto:a@example.test\nsender: A <a@example.test>\nunsubscribe: x\n" +
		"relay: smtp://u:secret@relais\nwave: -1\nold_portal: \"a\\nb\"\npaces: {sansdomaine: 3}\ncolour: red\n"))
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for _, key := range []string{"version", "public_url", "assistance_url", "sender", "unsubscribe", "relay", "wave", "old_portal", "paces.sansdomaine", "colour"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%s is missing in: %v", key, err)
		}
	}
	for _, unwanted := range []string{"secret", "unmarshal", "field ", "remind."} {
		if strings.Contains(err.Error(), unwanted) {
			t.Errorf("%q in: %v", unwanted, err)
		}
	}
	for _, text := range []string{"", "a: [", "- 1"} {
		if _, err := ParseCampaign([]byte(text)); err == nil {
			t.Errorf("%q is a campaign", text)
		}
	}
}
