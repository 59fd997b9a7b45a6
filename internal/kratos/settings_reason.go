package kratos

import "encoding/json"

// ReasonKind is why Kratos refused a password.
type ReasonKind string

const (
	TooShort      ReasonKind = "too_short"      // 4000032; Kratos counts bytes
	TooSimilar    ReasonKind = "too_similar"    // 4000031: to the identifier
	TooLong       ReasonKind = "too_long"       // 4000033: bcrypt's 72 bytes
	Breached      ReasonKind = "breached"       // 4000034: known from data leaks
	SameAsOld     ReasonKind = "same_as_old"    // 4000039: v26.2.0; v1.3.1 accepts it
	PolicyGeneric ReasonKind = "policy_generic" // 4000005
	Missing       ReasonKind = "missing"        // 4000002: empty
	NotPermitted  ReasonKind = "not_permitted"  // our permit hook said no
	Other         ReasonKind = "other"          // an id that this package does not know
)

// reasonKinds maps Kratos's message ids.
var reasonKinds = map[int64]ReasonKind{
	msgMissing:      Missing,
	4000005:         PolicyGeneric,
	4000031:         TooSimilar,
	4000032:         TooShort,
	4000033:         TooLong,
	4000034:         Breached,
	4000039:         SameAsOld,
	msgNotPermitted: NotPermitted,
}

// Reason says why a password was refused. Lengths are bytes, zero when Kratos does not say.
type Reason struct {
	Kind     ReasonKind
	Min, Max int // with TooShort, TooLong
}

func reason(m message) Reason {
	kind, ok := reasonKinds[m.ID]
	if !ok {
		kind = Other
	}
	var context struct {
		Min int `json:"min_length"`
		Max int `json:"max_length"`
	}
	if kind == TooShort || kind == TooLong {
		// The lengths only make the sentence better: a context that does not decode is none.
		_ = json.Unmarshal(m.Context, &context)
	}
	return Reason{Kind: kind, Min: context.Min, Max: context.Max}
}
