package demo

import (
	"fmt"
	"os"
	"path/filepath"
)

// Invitation is what to do now, in three lines, and what else is there.
func (d *Demo) Invitation() string {
	return fmt.Sprintf(`
  1. Open      %s
  2. Type      %s   (or one of the other sample accounts), after « Réinitialiser mon mot de passe »
  3. Read      %s   where the code arrives

« Vos services » opens %s (CAS) and %s (OpenID Connect).

Import  %s
Kratos  %s · logs in %s · Ctrl-C ends it all.
`, d.SiteURL, d.Accounts[0].Email, d.Mailbox.URL(), d.CAS.url, d.OpenID.url, d.Balance, d.Kratos.PublicURL, LogFile())
}

// LogFile is where the demonstration's programs write their logs.
func LogFile() string { return filepath.Join(os.TempDir(), "efp-connect-demo.log") }
