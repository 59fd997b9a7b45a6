package cas

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"efpconnect.example/internal/services"
	"efpconnect.example/internal/store"
)

// ticketLife is how long a service has to validate a ticket.
const ticketLife = 10 * time.Second

// ticketPrefix is what the protocol demands (CAS 3.0.3, 3.7).
const ticketPrefix = "ST-"

// grant is what a ticket stands for. What is released is decided when the ticket is made: validating asks no Kratos.
type grant struct {
	Service   string            `json:"service"` // as the browser brought it, byte for byte
	Entry     string            `json:"entry"`   // of the registry
	Protocol  services.Protocol `json:"protocol"`
	Prefix    string            `json:"prefix"` // under which the ticket was asked for
	Session   string            `json:"session"`
	Account   string            `json:"account"`
	NewLogin  bool              `json:"new,omitzero"` // the person logged in for this very request
	LoggedIn  time.Time         `json:"at"`
	Released  services.Released `json:"released"`
	ExpiresAt time.Time         `json:"expires"` // of the session
}

// tickets keeps grants in the store, under the hash of their ticket: who reads the store has no ticket.
type tickets struct{ store store.Store }

func ticketKey(ticket string) string {
	sum := sha256.Sum256([]byte(ticket))
	return "cas:ticket:" + hex.EncodeToString(sum[:])
}

// issue makes a ticket. Its length is under 64 characters: clients keep up to 256.
func (t tickets) issue(ctx context.Context, g grant) (string, error) {
	value, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("cas: grant: %w", err)
	}
	ticket := ticketPrefix + rand.Text() + rand.Text()
	return ticket, t.store.Put(ctx, ticketKey(ticket), value, ticketLife)
}

// take spends a ticket, whatever becomes of it afterwards; found is false for one that is unknown, late or spent.
func (t tickets) take(ctx context.Context, ticket string) (g grant, found bool, err error) {
	value, found, err := t.store.Take(ctx, ticketKey(ticket))
	if err != nil || !found {
		return grant{}, false, err
	}
	if err := json.Unmarshal(value, &g); err != nil {
		return grant{}, false, fmt.Errorf("cas: grant: %w", err)
	}
	return g, true, nil
}

// drop spends a ticket unseen: at log-out.
func (t tickets) drop(ctx context.Context, ticket string) error {
	return t.store.Delete(ctx, ticketKey(ticket))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
