package journal

// Outcome is what became of a row in the current run. The numbers are stored: never change one.
type Outcome int

// Pending rows have no outcome yet; after a run that finished there are none.
const (
	Pending Outcome = iota
	Created
	Updated
	Already
	Conflict
	Rejected
	Failed
	ToUpdate // pending, for an account that is there and differs
	ToAttach // pending, for an account that its person created on the site
)

var outcomeNames = map[Outcome]string{
	Pending: "pending", Created: "created", Updated: "updated", Already: "already_there", Conflict: "conflict", Rejected: "rejected",
	Failed: "failed", ToUpdate: "to_update", ToAttach: "to_attach",
}

// String is the name used in JSON.
func (o Outcome) String() string { return outcomeNames[o] }

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// States of an account in the journal.
const (
	StateThere    = 1 // in Kratos: this journal made it
	StateFound    = 2 // in Kratos: it was there with this legacy id
	StateUndone   = 3 // removed by undo: it may be imported again
	StateAttached = 4 // in Kratos: its person made it, this journal attached the legacy id to it
)

// Balance is the sum that every run ends with: Read is the sum of the six others.
type Balance struct {
	Read     int `json:"read"`
	Created  int `json:"created"`
	Updated  int `json:"updated"`
	Already  int `json:"already_there"`
	Conflict int `json:"conflict"`
	Rejected int `json:"rejected"`
	Failed   int `json:"failed"`
}

// Right tells whether every row read has exactly one outcome.
func (b Balance) Right() bool {
	return b.Read == b.Created+b.Updated+b.Already+b.Conflict+b.Rejected+b.Failed
}

// Done is how many rows have an outcome.
func (b Balance) Done() int {
	return b.Created + b.Updated + b.Already + b.Conflict + b.Rejected + b.Failed
}

// Add counts one outcome; Read is left alone.
func (b *Balance) Add(o Outcome) {
	if part := b.part(o); part != nil {
		*part++
	}
}
