package ui_test

import "strings"

// attempt is one request that no page of ours makes. Its texts may hold what a stage has, in braces: see stage.
type attempt struct {
	method, path, body, cookie string
	header                     string // lines of "Name: value"
}

// badInput is what the site is sent by mistake and on purpose, with the status it answers and the sentence it says: "" where the
// status says it all. None of it spends anything, so that they may come in any order and more than once.
var badInput = []struct {
	why string
	attempt
	status int
	says   string
}{
	// Addresses, at step 1 and at the login.
	{"no address", attempt{"POST", "/reinitialisation", "identifiant=", "", ""}, 422, "Saisissez votre identifiant."},
	{"spaces", attempt{"POST", "/reinitialisation", "identifiant=+++%09", "", ""}, 422, "Saisissez votre identifiant."},
	{"10 kB", attempt{"POST", "/reinitialisation", "identifiant={10k}{secret}%40example.test", "", ""}, 422, "L’identifiant est trop long"},
	{"no ASCII before the @", attempt{"POST", "/reinitialisation", "identifiant=ren%C3%A9{secret}%40ex%C3%A4mple.test", "", ""}, 422, "une adresse e-mail n’a ni accent"},
	{"no UTF-8", attempt{"POST", "/reinitialisation", "identifiant=%ff%fe{secret}%40example.test", "", ""}, 422, malformed},
	{"a header", attempt{"POST", "/reinitialisation", "identifiant={secret}%40example.test%0d%0aBcc%3a+b%40example.test", "", ""}, 422, malformed},
	{"two lines", attempt{"POST", "/reinitialisation", "identifiant={secret}%40example.test%0ab%40example.test", "", ""}, 422, malformed},
	{"NUL", attempt{"POST", "/reinitialisation", "identifiant={secret}%00%40example.test", "", ""}, 422, malformed},
	{"markup", attempt{"POST", "/reinitialisation", "identifiant=%22%3E%3Chostile+onerror%3dx%3E{secret}", "", ""}, 422, malformed},
	{"twice the field", attempt{"POST", "/reinitialisation", "identifiant=&identifiant={secret}", "", ""}, 422, "Saisissez votre identifiant."},
	{"mixed case, nobody's", attempt{"POST", "/reinitialisation", "identifiant=+{secret}%40EXAMPLE.Test+", "", ""}, 303, ""},
	{"login of nobody", attempt{"POST", "/connexion", "identifiant={secret}%40example.test&mot-de-passe={secret}", "", ""}, 422, refusedLogin},
	{"login with nothing", attempt{"POST", "/connexion", "", "", ""}, 422, "Saisissez votre mot de passe."},
	{"login, 10 kB", attempt{"POST", "/connexion", "identifiant={10k}&mot-de-passe={10k}{secret}", "", ""}, 422, "L’identifiant est trop long"},
	{"login, no UTF-8", attempt{"POST", "/connexion", "identifiant=%ff{secret}&mot-de-passe=%ff{secret}", "", ""}, 422, malformed},
	{"login, NUL", attempt{"POST", "/connexion", "identifiant=%00{secret}&mot-de-passe=%00{secret}", "", ""}, 422, malformed},
	{"login, NUL in the password", attempt{"POST", "/connexion", "identifiant={address}&mot-de-passe=%00{secret}", "", ""}, 422, refusedLogin},
	{"login, two lines", attempt{"POST", "/connexion", "identifiant={secret}%0d%0aX%3a+y&mot-de-passe=%0a{secret}", "", ""}, 422, malformed},

	// Codes.
	{"no code", attempt{"POST", "/reinitialisation/code", "demande={handle}&code=", "{code}", ""}, 422, "Saisissez le code à 6 chiffres"},
	{"letters", attempt{"POST", "/reinitialisation/code", "demande={handle}&code={secret}", "{code}", ""}, 422, "Le code ne contient que des chiffres"},
	{"digits of another width are digits", attempt{"POST", "/reinitialisation/code", "demande={handle}&code=%ef%bc%91%ef%bc%92%ef%bc%93%ef%bc%94%ef%bc%95%ef%bc%96", "{code}", ""}, 422, "Le code de validation est incorrect"},
	{"five digits", attempt{"POST", "/reinitialisation/code", "demande={handle}&code=12345", "{code}", ""}, 422, "Le code contient exactement 6 chiffres"},
	{"seven digits", attempt{"POST", "/reinitialisation/code", "demande={handle}&code=1234567", "{code}", ""}, 422, "Le code contient exactement 6 chiffres"},
	{"10 kB of code", attempt{"POST", "/reinitialisation/code", "demande={handle}&code={10k}", "{code}", ""}, 422, "Le code ne contient que des chiffres"},

	// Cookies and links.
	{"a forged cookie", attempt{"GET", "/reinitialisation/code", "", "efp_reinitialisation={secret}", ""}, 410, noFlow},
	{"a flipped cookie", attempt{"POST", "/reinitialisation/code", "demande={handle}&code=123456", "efp_reinitialisation={cookie-flipped}", ""}, 410, noFlow},
	{"a cut cookie", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle}&mot-de-passe={secret}", "efp_reinitialisation={cookie-cut}", ""}, 410, noFlow},
	{"a cookie of another key", attempt{"GET", "/reinitialisation/mot-de-passe", "", "efp_reinitialisation={cookie-foreign}", ""}, 410, noFlow},
	{"an expired cookie", attempt{"POST", "/reinitialisation/code/renvoi", "demande={handle}", "efp_reinitialisation={cookie-expired}", ""}, 410, noFlow},
	{"a link as a cookie", attempt{"GET", "/reinitialisation/terminee", "", "efp_reinitialisation={link}", ""}, 410, noFlow},
	{"a session of nobody", attempt{"GET", "/connexion", "", "ory_kratos_session={secret}", ""}, 200, ""},
	{"log-out of nobody", attempt{"POST", "/deconnexion", "", "ory_kratos_session={secret}", ""}, 303, ""},
	{"an end that was none", attempt{"GET", "/reinitialisation/terminee", "", "efp_terminee={secret}; efp_reinitialisation={cookie-cut}", ""}, 410, noFlow},
	{"a hint of nobody", attempt{"GET", "/reinitialisation", "", "efp_identifiant={secret}; efp_visite={secret}", ""}, 200, ""},
	{"a forged link", attempt{"GET", "/reinitialisation/suite/{secret}", "", "", ""}, 404, badLink},
	{"a link that is markup", attempt{"GET", "/reinitialisation/suite/<hostile>{secret}", "", "", ""}, 404, badLink},
	{"a flipped link", attempt{"GET", "/reinitialisation/suite/{link-flipped}", "", "", ""}, 404, badLink},
	{"a cut link", attempt{"POST", "/reinitialisation/suite/{link-cut}", "", "", ""}, 404, badLink},
	{"a link of another key", attempt{"GET", "/reinitialisation/suite/{link-foreign}", "", "", ""}, 404, badLink},
	{"an expired link", attempt{"GET", "/reinitialisation/suite/{link-expired}", "", "", ""}, 410, "Ce lien n’est plus valable."},
	{"a cookie as a link", attempt{"GET", "/reinitialisation/suite/{cookie}", "", "", ""}, 404, badLink},
	{"no link", attempt{"GET", "/reinitialisation/suite/", "", "", ""}, 404, "Cette page n’existe pas."},

	// Handles: the right code is in the form, and is not spent.
	{"no handle", attempt{"POST", "/reinitialisation/code", "code={right}", "{code}", ""}, 409, otherFlow},
	{"a forged handle", attempt{"POST", "/reinitialisation/code", "code={right}&demande={secret}", "{code}", ""}, 409, otherFlow},
	{"another flow's handle", attempt{"POST", "/reinitialisation/code", "code={right}&demande={handle-other}", "{code}", ""}, 409, otherFlow},
	{"the same at the resend", attempt{"POST", "/reinitialisation/code/renvoi", "demande={handle-other}", "{code}", ""}, 409, otherFlow},
	{"the same at step 3", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle}&mot-de-passe={secret}Aa1-&confirmation={secret}Aa1-", "{password}", ""}, 409, otherFlow},
	{"the same at the end", attempt{"POST", "/reinitialisation/terminee", "demande={handle}", "{done}", ""}, 409, otherFlow},
	{"no flow at all", attempt{"POST", "/reinitialisation/code", "code=123456&demande={handle}", "", ""}, 410, noFlow},

	// Passwords.
	{"nothing", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}", "{password}", ""}, 422, "Saisissez votre nouveau mot de passe."},
	{"eleven", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Abcdefgh1!x&confirmation=Abcdefgh1!x", "{password}", ""}, 422, "le vôtre en contient 11"},
	{"accents", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe={accents}&confirmation={accents}", "{password}", ""}, 422, threeOfFour},
	{"spaces", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=++++++++++++&confirmation=++++++++++++", "{password}", ""}, 422, threeOfFour},
	{"the address", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Aa1-{address}&confirmation=Aa1-{address}", "{password}", ""}, 422, "ressemble trop à votre identifiant"},
	{"another confirmation", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Aa1-{secret}&confirmation=Aa1-{secret}x", "{password}", ""}, 422, "La confirmation ne correspond pas"},
	{"10 kB", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Aa1-{10k}&confirmation=Aa1-{10k}", "{password}", ""}, 422, "Le mot de passe est trop long."},
	{"no UTF-8", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Aa1-{secret}%ff&confirmation=Aa1-{secret}%ff", "{password}", ""}, 422, "Le mot de passe"},

	// Where a form comes from, how large it is, what it is.
	{"another origin", attempt{"POST", "/reinitialisation", "identifiant={secret}%40example.test", "", "Origin: https://evil.example.org\nSec-Fetch-Site: cross-site"}, 403, otherSite},
	{"no origin", attempt{"POST", "/connexion", "identifiant={secret}&mot-de-passe={secret}", "", "Origin: null\nSec-Fetch-Site:"}, 403, otherSite},
	{"a sister's", attempt{"POST", "/reinitialisation/code", "demande={handle}&code={right}", "{code}", "Sec-Fetch-Site: same-site"}, 403, otherSite},
	{"another origin, step 3", attempt{"POST", "/reinitialisation/mot-de-passe", "mot-de-passe={secret}", "{password}", "Sec-Fetch-Site: cross-site"}, 403, otherSite},
	{"1 MB", attempt{"POST", "/reinitialisation", "identifiant={1M}", "", ""}, 413, tooLarge},
	{"1 MB of code", attempt{"POST", "/reinitialisation/code", "demande={handle}&code={1M}", "{code}", ""}, 413, tooLarge},
	{"1 MB of password", attempt{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe={1M}", "{password}", ""}, 413, tooLarge},
	{"1 MB of login", attempt{"POST", "/connexion", "identifiant=a&mot-de-passe={1M}", "", ""}, 413, tooLarge},
	{"1 MB of resend", attempt{"POST", "/reinitialisation/code/renvoi", "demande={1M}", "{code}", ""}, 413, tooLarge},
	{"no form", attempt{"POST", "/reinitialisation", "identifiant=%zz{secret}", "", ""}, 400, noForm},
	{"no form at the login", attempt{"POST", "/connexion", "a;b={secret}%", "", ""}, 400, noForm},
	{"no query", attempt{"POST", "/reinitialisation/code?%zz={secret}", "demande={handle}&code=123456", "{code}", ""}, 400, noForm},
	{"a form in parts", attempt{"POST", "/reinitialisation", "--x\r\nContent-Disposition: form-data; name=\"identifiant\"\r\n\r\n{secret}\r\n--x--", "", "Content-Type: multipart/form-data; boundary=x"}, 422, "Saisissez votre identifiant."},
	{"JSON", attempt{"POST", "/connexion", `{"identifiant":"{secret}"}`, "", "Content-Type: application/json"}, 422, "Saisissez votre identifiant."},
	{"no type", attempt{"POST", "/reinitialisation", "identifiant={secret}", "", "Content-Type: {secret};;="}, 400, noForm},

	// Paths, methods, headers.
	{"nowhere", attempt{"GET", "/{secret}?a={secret}", "", "", ""}, 404, "Cette page n’existe pas."},
	{"another site's page", attempt{"GET", "/connexion?return_to=https://evil.example.org/{secret}", "", "", ""}, 200, ""},
	{"two slashes", attempt{"GET", "//evil.example.org/{secret}", "", "", ""}, 301, ""},
	{"a method the page has not", attempt{"PUT", "/reinitialisation", "identifiant={secret}", "", ""}, 405, "Cette page ne peut pas être ouverte de cette façon."},
	{"a method nobody has", attempt{"X{secret}", "/reinitialisation/code", "", "", ""}, 405, "Cette page ne peut pas être ouverte de cette façon."},
	{"another name", attempt{"GET", "/connexion", "", "", "Host: {secret}.example.org"}, 421, ""},
	{"a picture of nothing", attempt{"GET", "/securite/{secret}/image", "", "", ""}, 404, ""},
	{"who one is not", attempt{"GET", "/reinitialisation", "", "", "X-Forwarded-For: {secret}, 203.0.113.9\nUser-Agent: {secret}é\nAccept-Language: en,{secret}\nReferer: https://x.example.org/{secret}"}, 200, ""},
	{"their own request id", attempt{"GET", "/aide/premiere-connexion", "", "", "X-Request-Id: {secret}"}, 200, ""},
}

const (
	malformed    = "L’identifiant n’est pas une adresse e-mail valide."
	refusedLogin = "Identifiant ou mot de passe incorrect, ou service très sollicité en ce moment. Vérifiez votre saisie et réessayez."
	noFlow       = "Aucune réinitialisation n’est en cours dans ce navigateur."
	badLink      = "Ce lien n’est pas valable."
	otherFlow    = "Cette page appartient à une autre demande."
	otherSite    = "Ce formulaire a été envoyé depuis un autre site."
	tooLarge     = "Le formulaire envoyé est trop volumineux."
	noForm       = "Le formulaire reçu n’est pas lisible."
	threeOfFour  = "Le mot de passe doit respecter 3 des 4 critères"
)

// goodInput are requests that get through: what the fuzzer makes of them reaches further than what it makes of bad ones.
var goodInput = []attempt{
	{"GET", "/reinitialisation/code", "", "{code}", ""},
	{"GET", "/reinitialisation/suite/{link}", "", "{code}", ""},
	{"POST", "/reinitialisation/suite/{link}", "", "{password}", ""},
	{"POST", "/reinitialisation/code", "demande={handle}&code={right}", "{code}", ""},
	{"POST", "/reinitialisation/code", "demande={handle}&code=123456", "{code}", ""},
	{"POST", "/reinitialisation/code/renvoi", "demande={handle}&envoi=x", "{code}", ""},
	{"GET", "/reinitialisation/mot-de-passe", "", "{password}", ""},
	{"POST", "/reinitialisation/mot-de-passe", "demande={handle-other}&mot-de-passe=Aa1-{secret}&confirmation=Aa1-{secret}", "{password}", ""},
	{"POST", "/reinitialisation/terminee", "demande={handle-done}", "{done}; {signed-in}", ""},
	{"POST", "/connexion", "identifiant={address}&mot-de-passe={secret}&return_to=https%3a%2f%2fservice.example.test%2f{secret}", "", ""},
	{"GET", "/services", "", "{signed-in}", ""},
	{"POST", "/deconnexion", "", "{signed-in}", ""},
	{"HEAD", "/reinitialisation", "", "", ""},
	{"GET", "/securite/preuve/connexion", "", "", ""},
	{"GET", "/robots.txt", "", "", ""},
}

// long replaces {10k} and {1M}: written out, they would make the fuzzer slow.
var long = strings.NewReplacer("{10k}", strings.Repeat("a", 10_000), "{1M}", strings.Repeat("a", 1_000_000),
	"{accents}", strings.Repeat("%C3%A9%C3%A0", 7))
