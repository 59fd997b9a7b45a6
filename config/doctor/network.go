package doctor

import "slices"

// networkRules: who may ask Kratos from a browser.
var networkRules = []*Rule{
	{
		ID:      "cors-closed",
		Gravity: Danger,
		Why:     "Any site that a person visits then reads, with that person's cookie, whatever Kratos's public port answers: who is signed in, and with which traits.",
		Write:   "serve.public.cors.enabled: false: the site speaks to Kratos from its server; or the very origins that need it",
		Broken:  `kratos: {serve: {public: {cors: {enabled: true, allowed_origins: ["*"], allow_credentials: true}}}}`,
		Passes:  `kratos: {serve: {public: {cors: {enabled: true, allowed_origins: ["https://efpconnect.example.test"]}}}}`,
		check: func(f *Facts, say func(string, string, ...any)) {
			const cors = "serve.public.cors."
			if f.truth(cors+"enabled") && f.truth(cors+"allow_credentials") && slices.Contains(f.list(cors+"allowed_origins"), "*") {
				say(cors+"allowed_origins", "is *%s, with cookies", f.unwritten(cors+"allowed_origins"))
			}
		},
	},
}
