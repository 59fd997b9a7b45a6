package formguard

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
)

// A browser asks for one sound several times: whether it is there (HEAD), its first two bytes, then piece by piece (an iPhone plays
// nothing that it cannot have so). All of it is one play: made once, and counted once.
const (
	playLife     = time.Minute // from the first request of a play on
	playRequests = 30          // more of them are another play
)

// played counts a play of what against the limits, at its first request.
func (g *Guard) played(ctx context.Context, what string, count func() error) error {
	key := "play:" + what
	n, err := g.Challenges.Store.Count(ctx, key, playLife)
	if err != nil || n%playRequests != 1 {
		return err
	}
	if err := count(); err != nil {
		// Refused is not played: the next request is judged again.
		_ = g.Challenges.Store.Delete(context.WithoutCancel(ctx), key)
		return err
	}
	return nil
}

// drawings keeps the latest pictures and sounds, so that a play is not made anew for each of its pieces. What is not there any more is
// made again, byte for byte the same: the challenge has its seed.
type drawings struct {
	mu    sync.Mutex
	all   map[string][]byte
	order []string // oldest first
	size  int
}

// drawingsRoom is some twenty sounds.
const drawingsRoom = 4 << 20

// of gives what is kept under a name, or makes it.
func (d *drawings) of(name string, draw func() ([]byte, error)) ([]byte, error) {
	d.mu.Lock()
	kept, ok := d.all[name]
	d.mu.Unlock()
	if ok {
		return kept, nil
	}
	made, err := draw()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, twice := d.all[name]; twice || len(made) > drawingsRoom {
		return made, nil
	}
	if d.all == nil {
		d.all = map[string][]byte{}
	}
	d.all[name], d.size = made, d.size+len(made)
	for d.order = append(d.order, name); d.size > drawingsRoom; d.order = d.order[1:] {
		d.size -= len(d.all[d.order[0]])
		delete(d.all, d.order[0])
	}
	return made, nil
}

// drawing sends a picture or a sound of a challenge, whole or in the pieces that the browser asks for.
func (g *Guard) drawing(w http.ResponseWriter, r *http.Request, kind string, c captcha.Challenge, draw func() ([]byte, error)) error {
	body, err := g.drawn.of(kind+" "+c.ID, draw)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", `"`+c.ID+`"`) // If-Range: the pieces are of one whole
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// challenge is that of the path, once the limits have let the play through. One that is not there counts for nothing: an
// address that anybody can invent must not spend what a person needs.
func (g *Guard) challenge(r *http.Request, id string, client, site limit.Name) (captcha.Challenge, error) {
	c, found, err := g.Challenges.Find(r.Context(), id)
	if err != nil {
		return captcha.Challenge{}, err
	}
	if !found {
		return captcha.Challenge{}, errGone
	}
	err = g.played(r.Context(), string(client)+":"+id, func() error {
		if err := g.Client(r, client); err != nil {
			return err
		}
		return g.Key(r.Context(), site, "", "limit.site")
	})
	return c, err
}
