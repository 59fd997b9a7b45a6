// Package hook makes Kratos refuse what the site did not vouch for: a password that did not pass the policy, a change of names or
// address, an account that was not asked for on the site's pages.
//
// Kratos's hooks never see passwords, so the site vouches for them: before it submits one it writes a permit for that flow (Permit),
// and Kratos's web hook, first under selfservice.flows.*.after.METHOD.hooks with response.parse on, asks Handler whether there is
// one. Without it Kratos saves nothing. A permit is for one flow and one Action: the permit of a password admits no other change.
// The flows call Permit and Revoke; the server mounts Handler on a listener of its own, which only Kratos can reach.
package hook

import (
	"cmp"
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

	"efpconnect.example/internal/kratos"
	"efpconnect.example/internal/store"
	"efpconnect.example/selfservice-ui/sitepath"
)

const (
	// Path is where Kratos posts.
	Path = sitepath.PermitHook
	// KeyHeader carries the secret that Kratos and the site share. Kratos logs the headers of its hooks, but for this one's value.
	KeyHeader = "Authorization"
	// oldKeyHeader is where a configuration rendered by an earlier release has it.
	oldKeyHeader = "X-Hook-Key"
	// MessageID is the id of the message in Kratos's answer when there was no permit.
	MessageID = kratos.MessageNotPermitted
	// PermitLife is how long a permit lives when nobody revokes it: Kratos may
	// first ask for 20 s whether the password has leaked, its three attempts
	// take 3.2 s, a password hash less than one.
	PermitLife = 30 * time.Second

	maxBody = 1 << 10 // bytes; the body is one identifier and two words
)

// Action is what Kratos is about to save: the type of its flow and the method, as the hook's body names them (config.PermitBody).
type Action struct{ FlowType, Method string }

// The actions that the site may permit. Kratos asks for two more, a registration by password and a login by code, which no permit
// ever admits.
var (
	ChoosePassword = Action{"settings", "password"}
	SaveProfile    = Action{"settings", "profile"}
	CreateAccount  = Action{"registration", "code"}
)

// refused are the words for whoever renders Kratos's messages, and the form's field that they stand at: "" is the whole form.
var refused = map[Action]struct{ field, text string }{
	ChoosePassword:               {"#/password", "Ce mot de passe n’a pas été vérifié par le site EFP\u00a0Connect. Choisissez-le sur la page de réinitialisation."},
	SaveProfile:                  {"", "Cette modification ne se fait que sur le site EFP\u00a0Connect."},
	CreateAccount:                {"", "Un compte ne se crée que sur le site EFP\u00a0Connect."},
	{"registration", "password"}: {"", "Un compte ne se crée que sur le site EFP\u00a0Connect."},
	{"login", "code"}:            {"", "La connexion se fait par mot de passe, sur le site EFP\u00a0Connect."},
}

// refusal is read by Kratos.
func (a Action) refusal() []byte {
	words := refused[a]
	return mustJSON(map[string]any{
		"messages": []any{map[string]any{
			"instance_ptr": words.field,
			"messages": []any{map[string]any{
				"id":      MessageID,
				"text":    words.text,
				"type":    "error",
				"context": map[string]any{},
			}},
		}},
	})
}

// created is answered where an account may be made: it says for good where the account comes from.
var created = mustJSON(map[string]any{"identity": map[string]any{"metadata_public": map[string]any{"origin": kratos.OriginRegistration}}})

// Permit lets Kratos save one thing of one flow, until Revoke or for PermitLife. Call it once what is saved was checked.
func Permit(ctx context.Context, st store.Store, action Action, flowID string) error {
	key, err := permitKey(action, flowID)
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
func Revoke(ctx context.Context, st store.Store, action Action, flowID string) error {
	key, err := permitKey(action, flowID)
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
	if !h.keyMatches(cmp.Or(r.Header.Get(KeyHeader), r.Header.Get(oldKeyHeader))) {
		http.Error(w, "wrong key", http.StatusUnauthorized)
		return
	}
	action, key, err := readBody(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		// Kratos reads any 400 as a refusal; 422 tells an operator that the
		// body is at fault (the hook's jsonnet).
		http.Error(w, "the body must be {\"flow\":\"<uuid>\",\"flow_type\":\"settings\",\"method\":\"password\"} or another action", http.StatusUnprocessableEntity)
		return
	}
	_, found, err := h.Store.Get(r.Context(), key)
	switch {
	case err != nil:
		h.log().ErrorContext(r.Context(), "permit not read", "action", action.String(), "cause", err.Error())
		http.Error(w, "store unavailable", http.StatusServiceUnavailable)
	case !found:
		h.log().WarnContext(r.Context(), "refused: no permit", "action", action.String())
		answer(w, http.StatusBadRequest, action.refusal())
	case action == CreateAccount:
		answer(w, http.StatusOK, created)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a Kratos that has gone needs no answer
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

// readBody returns the action and the permit's key from a body of exactly one object with exactly three fields.
func readBody(body io.Reader) (Action, string, error) {
	var in struct {
		Flow     string `json:"flow"`
		FlowType string `json:"flow_type"`
		Method   string `json:"method"`
	}
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return Action{}, "", err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Action{}, "", errors.New("hook: more than one value")
	}
	action := Action{in.FlowType, in.Method}
	if _, known := refused[action]; !known {
		return Action{}, "", errors.New("hook: no such action")
	}
	key, err := keyOf(action, in.Flow)
	return action, key, err
}

// String is fit for logs.
func (a Action) String() string { return a.FlowType + "/" + a.Method }

// permitKey is the key of a permit that the site may write.
func permitKey(a Action, flow string) (string, error) {
	if a != ChoosePassword && a != SaveProfile && a != CreateAccount {
		return "", fmt.Errorf("hook: %s is never permitted", a)
	}
	return keyOf(a, flow)
}

// keyOf writes identifiers one way; the parser alone would take four.
func keyOf(a Action, flow string) (string, error) {
	id, err := uuid.Parse(flow)
	if err != nil || len(flow) != len(id.String()) {
		return "", errors.New("hook: not a flow id")
	}
	return "permit/" + a.String() + "/" + id.String(), nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
