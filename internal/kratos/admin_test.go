package kratos

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func answering(t testing.TB, status int, body string) *Admin {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	a, err := NewAdmin(server.URL, AdminOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Statuses become outcomes; none of them tells more than the route.
func TestAdminStatuses(t *testing.T) {
	cases := map[int]error{400: ErrRefused, 404: ErrNotFound, 409: ErrConflict, 429: ErrUnavailable, 500: ErrUnavailable, 503: ErrUnavailable, 401: ErrUnexpected, 302: ErrUnexpected}
	for status, want := range cases {
		_, err := answering(t, status, `{"error":{"reason":"jeanne@example.test is taken"}}`).ByAddress(t.Context(), "jeanne@example.test")
		if !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
		if strings.Contains(err.Error(), "jeanne") {
			t.Errorf("%d: the error names a person: %v", status, err)
		}
	}
}

// A server that never answers is one that is not available, once the patience is over: it may have done what it was asked.
func TestAdminTimeout(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	a, err := NewAdmin(server.URL, AdminOptions{Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateBatch(t.Context(), [][]byte{[]byte(`{}`)}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// An answer that is not the batch's may hide a commit: the caller has to read, not to conclude.
func TestBatchAnswers(t *testing.T) {
	const first, second = "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"
	bodies := [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}
	cases := map[string]struct {
		answer string
		want   error
	}{
		"both created, in another order": {`{"identities":[{"action":"create","identity":"y","patch_id":"` + second + `"},{"action":"create","identity":"x","patch_id":"` + first + `"}]}`, nil},
		"one conflicts":                  {`{"identities":[{"action":"create","identity":"x","patch_id":"` + first + `"},{"action":"error","error":{"code":409},"patch_id":"` + second + `"}]}`, nil},
		"one is missing":                 {`{"identities":[{"action":"create","identity":"x","patch_id":"` + first + `"}]}`, ErrUnavailable},
		"a stranger's patch":             {`{"identities":[{"action":"create","identity":"x","patch_id":"zz"}]}`, ErrUnavailable},
		"an action nobody knows":         {`{"identities":[{"action":"maybe","patch_id":"` + first + `"},{"action":"maybe","patch_id":"` + second + `"}]}`, ErrUnavailable},
		"not JSON":                       {`<html>`, ErrUnavailable},
		"cut":                            {`{"identities":[{"action":"cre`, ErrUnavailable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			created, err := answering(t, 200, c.answer).CreateBatch(t.Context(), bodies)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil && (created[0].ID != "x" || (created[1].ID == "") == (created[1].Status == 0)) {
				t.Errorf("got %+v", created)
			}
		})
	}
}

func TestBatchBody(t *testing.T) {
	var body struct {
		Identities []struct {
			Create  json.RawMessage `json:"create"`
			PatchID string          `json:"patch_id"`
		} `json:"identities"`
	}
	if err := json.Unmarshal(BatchBody([][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}), &body); err != nil {
		t.Fatal(err)
	}
	for i, item := range body.Identities {
		if at, ok := patchIndex(item.PatchID); !ok || at != i || len(item.Create) == 0 {
			t.Errorf("item %d: %s %s", i, item.PatchID, item.Create)
		}
	}
}

func TestNextToken(t *testing.T) {
	cases := map[string]string{
		`</admin/identities?page_size=2&page_token=0>; rel="first",</admin/identities?page_size=2&page_token=19f0>; rel="next"`: "19f0",
		`</admin/identities?page_token=0>; rel="first"`: "",
		``:                  "",
		`<%zz>; rel="next"`: "",
	}
	for link, want := range cases {
		if got := nextToken(link); got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`</a?page_token=1>; rel="next"`)
	f.Fuzz(func(_ *testing.T, link string) { nextToken(link) })
}

func FuzzPatchID(f *testing.F) {
	f.Add("00000000-0000-4000-8000-000000000001")
	f.Fuzz(func(t *testing.T, id string) {
		if i, ok := patchIndex(id); ok && i < 0 {
			t.Errorf("%q is index %d", id, i)
		}
	})
}
