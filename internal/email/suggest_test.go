package email_test

import (
	"strings"
	"testing"

	"efpconnect.example/internal/email"
)

var configured = []string{"mairie-exemple.test", "formation.exemple.fr", "lyon1.example.org"}

func TestSuggest(t *testing.T) {
	for _, c := range []struct{ why, typed, want string }{
		{"two letters changed over", "gmial.com", "gmail.com"},
		{"again", "gamil.com", "gmail.com"},
		{"the first two", "mgail.com", "gmail.com"},
		{"one too few", "gmil.com", "gmail.com"},
		{"the last letter", "gmai.com", "gmail.com"},
		{"one too many", "gmaill.com", "gmail.com"},
		{"a neighbour on the keyboard", "gmaik.com", "gmail.com"},
		{"in capitals", "GMIAL.COM", "gmail.com"},
		{"no dot", "gmailcom", "gmail.com"},
		{"no dot, and a letter too few", "gmalcom", "gmail.com"},
		{"a comma for the dot", "gmail,com", "gmail.com"},
		{"a dot too many", "gmail..com", "gmail.com"},
		{"a dot at the end", "gmail.com.", "gmail.com"},
		{"a space", "gmail .com", "gmail.com"},
		{"the top level of a neighbour key", "gmail.con", "gmail.com"},
		{"changed over", "gmail.cmo", "gmail.com"},
		{"Cameroon's, which the provider has not", "gmail.cm", "gmail.com"},
		{"Colombia's", "hotmail.co", "hotmail.com"},
		{"one too many there", "gmail.comm", "gmail.com"},
		{"the provider is nowhere but at .com", "gmail.fr", "gmail.com"},
		{"the same for another", "icloud.fr", "icloud.com"},
		{"both are wrong", "hotmial.con", "hotmail.com"},
		{"the French one of the two stays French", "hotmial.fr", "hotmail.fr"},
		{"its top level too", "hotmail.ft", "hotmail.fr"},
		{"a first letter of the neighbour key, in a long name", "gotmail.fr", "hotmail.fr"},
		{"an orange", "ornage.fr", "orange.fr"},
		{"an orange without its end", "orang.fr", "orange.fr"},
		{"an orange without a dot", "orangefr", "orange.fr"},
		{"a short name has its top level mended", "free.ft", "free.fr"},
		{"and another", "sfr.rf", "sfr.fr"},
		{"and its dot", "freefr", "free.fr"},
		{"La Poste", "lapsote.net", "laposte.net"},
		{"La Poste, without a letter there", "laposte.ne", "laposte.net"},
		{"Yahoo", "yaho.fr", "yahoo.fr"},
		{"Outlook", "outllok.com", "outlook.com"},
		{"Outlook, without an o", "outlok.com", "outlook.com"},
		{"Wanadoo", "wandoo.fr", "wanadoo.fr"},
		{"iCloud", "icoud.com", "icloud.com"},
		{"the ministry", "travial.gouv.fr", "travail.gouv.fr"},
		{"the ministry, in English", "travail.gov.fr", "travail.gouv.fr"},
		{"a company's domain that ends as none does", "entreprise-exemple.con", "entreprise-exemple.com"},
		{"a town's", "mairie-exemple.ft", "mairie-exemple.fr"},
		{"a town's without a dot", "mairie-exemplefr", "mairie-exemple.fr"},
		{"a configured one", "mairie-exmeple.test", "mairie-exemple.test"},
		{"another", "formation.exempl.fr", "formation.exemple.fr"},
		{"a number is no slip", "lyon2.example.org", ""},
		{"an @ is needed", "", ""},
	} {
		got, ok := email.Suggest("camille.serve@"+c.typed, configured)
		want := ""
		if c.want != "" {
			want = "camille.serve@" + c.want
		}
		if got.String() != want || ok != (want != "") {
			t.Errorf("%s: %q gives %q, want %q", c.why, c.typed, got, want)
		}
	}
}

// What no suggestion mends is not suggested: the part before the @ stays as it was typed.
func TestSuggestKeepsTheRest(t *testing.T) {
	for _, typed := range []string{"", "gmial.com", "camille serve@gmial.com", "é@gmial.com", "@gmial.com", strings.Repeat("a", 5000) + "@gmial.com"} {
		if got, ok := email.Suggest(typed, nil); ok {
			t.Errorf("%q gives %q", typed, got)
		}
	}
	if got, _ := email.Suggest("\u200bO’Brien@gmial.com ", nil); got.String() != "O'Brien@gmail.com" {
		t.Errorf("%q", got)
	}
}

// rightDomains are of the kind that people have: providers', their foreign sisters', and those of firms, towns and the State, some of
// them a letter away from a provider's.
func rightDomains() []string {
	list := strings.Fields(`gmail.com gmx.fr gmx.com gmx.de gmx.net ymail.com ymail.fr hotmail.fr hotmail.be hotmail.it hotmail.es hotmail.de
		hotmail.co.uk yahoo.fr yahoo.it yahoo.es yahoo.de yahoo.be yahoo.co.uk yahoo.ca outlook.fr outlook.be outlook.es outlook.pt live.fr
		live.be live.nl live.co.uk msn.com aol.com aol.fr icloud.com me.com mac.com free.fr orange.fr orange.com orange.be sfr.fr sfr.com
		laposte.net laposte.fr neuf.fr bbox.fr wanadoo.fr mail.com email.com mail.ru web.de t-online.de proton.me pm.me protonmail.ch
		tutanota.com yandex.ru zoho.com mailo.com netcourrier.com ovh.fr online.fr
		travail.gouv.fr emploi.gouv.fr interieur.gouv.fr dreets.gouv.fr justice.fr ac-exemple.fr univ-exemple.fr u-exemple.fr chu-exemple.fr
		departement99.fr region-exemple.fr example.org example.test example.bzh example.paris example.re example.alsace example.corsica
		oranger.fr oranges.fr lacoste.net laporte.net fred.fr fres.fr tree.fr freex.fr sfa.fr srf.fr sfp.fr orage.fr grange.fr range.fr strange.fr oranger.com amande.fr pomme.fr vente.fr
		gail.com mail.fr maillot.fr email.fr emailing.fr cloud.fr icloud.example.org clou.fr lived.fr olive.fr live2.com oliveraie.fr poste.fr
		laposture.fr riposte.net neuf9.fr neuve.fr oeuf.fr bobox.fr inbox.fr bbx.fr box.fr yoho.fr yoga.fr yahourt.fr out-look.net lookout.com
		outillage.fr hotel.fr hotmaille.fr hostmail.fr skynote.be skyline.be bluewind.ch blewin.de photon.me north.net nordnet.com
		msn.fr mns.com man.com aoc.com all.com aal.com pol.com numerique.fr numericable.com cegetec.fr rocket.com alice.fr darty.com`)
	for _, firm := range []string{"garage", "cabinet", "boulangerie", "transports", "groupe", "menuiserie", "pharmacie", "mairie", "lycee", "cfa", "agence", "clinique", "hotel", "sarl", "atelier", "domaine", "ecole", "conseil", "editions", "imprimerie"} {
		for _, name := range []string{"durand", "lefevre", "martin", "beaulieu", "montagne", "saint-exemple", "du-pont", "vallee", "2000", "et-fils", "nord", "du-sud"} {
			for _, top := range []string{"fr", "com", "net", "eu", "org", "bzh", "re", "io", "pro", "co", "cm", "biz"} {
				list = append(list, firm+"-"+name+"."+top, firm+name+"."+top)
			}
		}
	}
	return list
}

func TestARightDomainIsNotAskedAbout(t *testing.T) {
	for _, domain := range rightDomains() {
		if got, ok := email.Suggest("camille@"+domain, configured); ok {
			t.Errorf("%s is right, and %q is suggested", domain, got)
		}
	}
}

func FuzzSuggest(f *testing.F) {
	for _, seed := range []string{"a@gmial.com", "a@gmailcom", "a@b", "a@.", "@", "a@é.fr", "a@,,", "a@gmail.com.", "a@x.ft", "a@g"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := email.Suggest(typed, configured)
		if ok == got.IsZero() {
			t.Errorf("%q gives %q, %v", typed, got, ok)
		}
		if a, fault := email.Parse(typed); ok && fault == "" && a == got {
			t.Errorf("%q is suggested for itself", typed)
		}
		if again, more := email.Suggest(got.String(), configured); ok && more && again.Domain() == got.Domain() {
			t.Errorf("%q leads to %q for ever", typed, again)
		}
	})
}
