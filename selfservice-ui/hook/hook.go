// Package hook makes Kratos refuse a password that did not pass the policy.
//
// Kratos's hooks never see passwords, so the site vouches for them: before it
// submits a password it writes a permit for that settings flow (Permit), and
// Kratos's web hook, first under selfservice.flows.settings.after.password.hooks
// with response.parse on, asks Handler whether there is one. Without it Kratos
// saves nothing. Step 3 of the reset calls Permit and Revoke; the server mounts
// Handler on a listener of its own, which only Kratos can reach.
package hook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"efpconnect.example/internal/store"
)

const (
	// Path is where Kratos posts.
	Path = "/hooks/password-permit"
	// KeyHeader carries the secret that Kratos and the site share.
	KeyHeader = "X-Hook-Key"
	// MessageID is the id of the message on Kratos's password node when there
	// was no permit. Kratos's own messages stay below 4900000.
	MessageID = 4900001
	// PermitLife is how long a permit lives when nobody revokes it: Kratos may
	// first ask for 20 s whether the password has leaked, its three attempts
	// take 3.2 s, a password hash less than one.
	PermitLife = 30 * time.Second

	maxBody = 1 << 10 // bytes; the body is one identifier
)

// refusal is read by Kratos, and shown by whoever renders Kratos's messages.
var refusal = mustJSON(map[string]any{
	"messages": []any{map[string]any{
		"instance_ptr": "#/password",
		"messages": []any{map[string]any{
			"id":      MessageID,
			"text":    "Ce mot de passe n’a pas été vérifié par le site EFP\u00a0Connect. Choisissez-le sur la page de réinitialisation.",
			"type":    "error",
			"context": map[string]any{},
		}},
	}},
})

// Permit lets Kratos save one password of the settings flow, until Revoke or
// for PermitLife. Call it once the password has passed the policy.
func Permit(ctx context.Context, st store.Store, settingsFlowID string) error {
	key, err := permitKey(settingsFlowID)
	if err != nil {
		return err
	}
	if err := st.Put(ctx, key, []byte{1}, PermitLife); err != nil {
		return fmt.Errorf("hook: permit: %w", err)
	}
	return nil
}

// Revoke ends the permit; call it when Kratos has answered, whatever it said.
// It runs even when the visitor has gone away and ctx is over.
func Revoke(ctx context.Context, st store.Store, settingsFlowID string) error {
	key, err := permitKey(settingsFlowID)
	if err != nil {
		return err
	}
	if err := st.Delete(context.WithoutCancel(ctx), key); err != nil {
		return fmt.Errorf("hook: revoke: %w", err)
	}
	return nil
}

// Handler answers Kratos. It reads the permit and leaves it: after an answer
// in the 500s Kratos asks again, and consuming it would refuse a good password.
type Handler struct {
	Store store.Store
	// Key is the secret of KeyHeader. An empty one refuses everybody.
	Key string
	// Log receives failures of the store; nil means slog.Default.
	Log *slog.Logger
}

// ServeHTTP answers 204 when there is a permit and 400 with Kratos's message
// format when there is none. Every other answer makes Kratos refuse too: 503
// when the store is down, 401, 404, 405 or 422 when this is not Kratos speaking.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path != Path {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if !h.keyMatches(r.Header.Get(KeyHeader)) {
		http.Error(w, "wrong key", http.StatusUnauthorized)
		return
	}
	key, err := readBody(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		// Kratos reads any 400 as a refusal; 422 tells an operator that the
		// body is at fault (the hook's jsonnet).
		http.Error(w, "the body must be {\"flow\":\"<uuid>\"}", http.StatusUnprocessableEntity)
		return
	}
	_, found, err := h.Store.Get(r.Context(), key)
	switch {
	case err != nil:
		h.log().ErrorContext(r.Context(), "password permit not read", "error", err)
		http.Error(w, "store unavailable", http.StatusServiceUnavailable)
	case !found:
		h.log().WarnContext(r.Context(), "password refused: no permit")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		w.Write(refusal)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// keyMatches compares digests, so that neither the key nor its length shows in
// the time it takes.
func (h Handler) keyMatches(sent string) bool {
	want, got := sha256.Sum256([]byte(h.Key)), sha256.Sum256([]byte(sent))
	return h.Key != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func (h Handler) log() *slog.Logger {
	if h.Log != nil {
		return h.Log
	}
	return slog.Default()
}

// readBody returns the permit's key from a body of exactly one object with
// exactly one field.
func readBody(body io.Reader) (string, error) {
	var in struct {
		Flow string `json:"flow"`
	}
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return "", err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("hook: more than one value")
	}
	return permitKey(in.Flow)
}

// permitKey writes identifiers one way; the parser alone would take four.
func permitKey(flow string) (string, error) {
	id, err := uuid.Parse(flow)
	if err != nil || len(flow) != len(id.String()) {
		return "", errors.New("hook: not a flow id")
	}
	return "permit/" + id.String(), nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
