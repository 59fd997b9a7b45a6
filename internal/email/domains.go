package email

// wellKnown are the domains that people in France have mail at, the most frequent first: the first that fits is suggested.
var wellKnown = []string{
	"gmail.com", "hotmail.fr", "hotmail.com", "orange.fr", "wanadoo.fr", "free.fr", "yahoo.fr", "yahoo.com", "outlook.fr", "outlook.com",
	"laposte.net", "sfr.fr", "live.fr", "live.com", "icloud.com", "neuf.fr", "bbox.fr", "msn.com", "aol.com", "ymail.com",
	"googlemail.com", "club-internet.fr", "numericable.fr", "aliceadsl.fr", "cegetel.net", "nordnet.fr", "protonmail.com",
	"rocketmail.com", "dartybox.com", "hotmail.be", "skynet.be", "bluewin.ch", "travail.gouv.fr", "emploi.gouv.fr",
}

// likeWellKnown are right domains that are a slip away from a well-known one, or that its owner has as well.
var likeWellKnown = []string{
	"gmx.fr", "gmx.com", "gmx.net", "mail.com", "email.com", "gail.com", "ymail.fr", "orange.com", "orage.fr", "laposte.fr", "laposte.com",
	"sfr.com", "free.com", "neuf.com", "wanadoo.com", "numericable.com", "nordnet.com", "nordnet.net", "me.com", "mac.com", "aol.fr",
	"proton.me", "pm.me", "hostmail.fr", "hostmail.com", "lacoste.net",
	"laporte.net", "oranger.fr", "oranges.fr", "oranie.fr", "bluewind.ch", "emplois.gouv.fr",
}

// elsewhere are domains at which the provider has no mailboxes, though its name is right.
var elsewhere = map[string]string{"gmail.fr": "gmail.com", "gmail.net": "gmail.com", "icloud.fr": "icloud.com", "protonmail.fr": "protonmail.com"}
