package newpassword

import (
	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/password"
	"efpconnect.example/selfservice-ui/page"
)

// Samples is every state of the page for one kind of flow, with invented data; name precedes theirs.
func Samples(heading, name string, v View) []page.Sample {
	v.Policy, v.Handle, v.Until = password.Default(), "h", "11\u00a0h\u00a032"
	state := func(of string, problems ...page.Problem) page.Sample {
		return page.Sample{Name: name + of, Page: Page(heading, v, problems...)}
	}
	problem := func(key string, args ...any) page.Problem {
		return page.Problem{Field: "mot-de-passe", Key: key, Args: args}
	}
	confirmation := func(key string) page.Problem { return page.Problem{Field: "confirmation", Key: key} }
	list := []page.Sample{
		state(""),
		state("-empty", problem("password.empty"), confirmation("password.unconfirmed")),
		state("-too-short", problem("password.too_short", "n", 12, "typed", 4)),
		state("-too-plain", problem("password.too_plain", "n", 3, "all", 4)),
		state("-guessable", problem("password.guessable")),
		state("-differs", confirmation("password.differs")),
		state("-too-fast", page.Problem{Key: "trap.too_fast"}),
		state("-unconfirmed", confirmation("password.unconfirmed")),
	}
	for _, kind := range []kratos.ReasonKind{kratos.TooShort, kratos.TooLong, kratos.TooSimilar, kratos.Breached, kratos.SameAsOld, kratos.Other} {
		key, limit := Refusal(kratos.Reason{Kind: kind, Min: 12, Max: 72})
		list = append(list, state("-kratos-"+string(kind), problem(key, "n", limit)))
	}
	return list
}
