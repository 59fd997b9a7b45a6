package kratos

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/http"
)

const (
	// MaxBatch is how many identities every version of Kratos takes in one request (v1.3.1: 2000, later: 1000).
	MaxBatch = 1000
	// MaxBatchBytes stays under the 5 MB that Kratos reads of one request.
	MaxBatchBytes = 4 << 20
)

// Created is what Kratos answered for one identity of a batch.
type Created struct {
	// ID is set when Kratos reports the identity as created. When another item of the same answer failed, v1.3.x has rolled
	// this one back and reports it all the same (ory/kratos #4211): read it back before believing it.
	ID string
	// Status is 0, or why this item was refused: 409 for a taken address, 400 for traits that the schema refuses.
	Status int
}

// CreateBatch creates identities; each body is the JSON of one "create". The answers are in the bodies' order. A batch of one
// whose address is taken is ErrConflict; ErrRefused says that the whole batch was refused for one bad item.
func (a *Admin) CreateBatch(ctx context.Context, bodies [][]byte) ([]Created, error) {
	var answer struct {
		Identities []struct {
			Action   string `json:"action"`
			Identity string `json:"identity"`
			PatchID  string `json:"patch_id"`
			Error    *struct {
				Code int `json:"code"`
			} `json:"error"`
		} `json:"identities"`
	}
	_, err := a.call(ctx, http.MethodPatch, "/admin/identities", BatchBody(bodies), readJSON(&answer))
	if err != nil {
		return nil, err
	}
	created := make([]Created, len(bodies))
	seen := 0
	for _, item := range answer.Identities {
		i, ok := patchIndex(item.PatchID)
		if !ok || i >= len(bodies) {
			return nil, unknownBatchAnswer("patch_id")
		}
		seen++
		switch {
		case item.Action == "create" && item.Identity != "":
			created[i].ID = item.Identity
		case item.Action == "error" && item.Error != nil && item.Error.Code != 0:
			created[i].Status = item.Error.Code
		default:
			return nil, unknownBatchAnswer("action")
		}
	}
	if seen != len(bodies) {
		return nil, unknownBatchAnswer("length")
	}
	return created, nil
}

// Create creates one identity. Unlike a batch it tells an identity that Kratos refuses from a schema that Kratos does not know.
func (a *Admin) Create(ctx context.Context, body []byte) (id string, err error) {
	var created Identity
	_, err = a.call(ctx, http.MethodPost, "/admin/identities", body, readJSON(&created))
	return created.ID, err
}

// unknownBatchAnswer is an ErrUnavailable: the batch may have been committed, so the caller reads before it tries again.
func unknownBatchAnswer(what string) error {
	return &Error{Kind: ErrUnavailable, Method: http.MethodPatch, Route: "/admin/identities", Status: 200,
		cause: errors.New("batch answer: unknown " + what)}
}

// BatchBody is the body of PATCH /admin/identities. Each item's patch_id is its index written as a UUID, which is all that
// Kratos asks of it.
func BatchBody(bodies [][]byte) []byte {
	size := 32
	for _, b := range bodies {
		size += len(b) + 72
	}
	out := make([]byte, 0, size)
	out = append(out, `{"identities":[`...)
	for i, b := range bodies {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"create":`...)
		out = append(out, b...)
		out = append(out, `,"patch_id":"00000000-0000-4000-8000-0000`...)
		out = hex.AppendEncode(out, binary.BigEndian.AppendUint32(nil, uint32(i)))
		out = append(out, `"}`...)
	}
	return append(out, `]}`...)
}

// patchIndex reads the index back from a patch_id.
func patchIndex(id string) (int, bool) {
	if len(id) != 36 {
		return 0, false
	}
	b, err := hex.DecodeString(id[28:])
	if err != nil {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(b)), true
}
