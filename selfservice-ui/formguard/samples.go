package formguard

import "efpconnect.example/selfservice-ui/page"

// Samples is every page formguard answers by itself.
func Samples() []page.Sample {
	list := []page.Sample{page.MessageSample("security-code-gone", errGone)}
	for name, sentence := range map[string]string{"client": "limit.client", "mail": "limit.mail", "code": "limit.code", "login": "limit.login", "site": "limit.site"} {
		list = append(list, page.MessageSample("limit-"+name, tooMany(sentence, 5, "11\u00a0h\u00a032", 0)))
	}
	return list
}
