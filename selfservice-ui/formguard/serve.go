package formguard

import (
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"efpconnect.example/internal/captcha"
	"efpconnect.example/internal/limit"
	"efpconnect.example/selfservice-ui/page"
	"efpconnect.example/selfservice-ui/sitepath"
)

const pathPrefix = sitepath.Security

// PathProof and a form's name is where its proof of work is asked for.
const PathProof = pathPrefix + "preuve/"

func pathOf(id, what string) string { return pathPrefix + id + "/" + what }

// Mount adds the addresses of pictures and sounds.
func (g *Guard) Mount(r *mux.Router, errors *page.ErrorHandler) {
	read := []string{http.MethodGet, http.MethodHead}
	r.Handle(PathProof+"{form:"+captcha.FormRecovery+"|"+captcha.FormCode+"|"+captcha.FormLogin+"|"+captcha.FormRegister+"}", errors.Handle(g.proof)).Methods(read...)
	r.Handle(pathPrefix+"{id}/image", errors.Handle(g.picture)).Methods(read...)
	r.Handle(pathPrefix+"{id}/son", errors.Handle(g.sound)).Methods(read...)
}

// proof answers the widget: nothing is stored for it, so the limit is on the solutions.
func (g *Guard) proof(w http.ResponseWriter, r *http.Request) error {
	if err := g.Client(r, limit.ProofClient); err != nil {
		return err
	}
	document, err := g.Proofs.Challenge(mux.Vars(r)["form"], harder(g.Logins.Crowd()))
	return send(w, "application/json", document, err)
}

// harder is how many times as hard the proof of work is while so much of the strangers' row of logins is full. It is the same for every
// form: a proof of any of them is good for a few logins (pass.go).
func harder(crowd float64) int64 {
	switch {
	case crowd < 1./4:
		return 1
	case crowd < 1./2:
		return 2
	case crowd < 3./4:
		return 4
	}
	return 8
}

func (g *Guard) picture(w http.ResponseWriter, r *http.Request) error {
	c, err := g.challenge(r, mux.Vars(r)["id"], limit.PictureClient, limit.PictureSite)
	if err != nil {
		return err
	}
	return g.drawing(w, r, "image/png", c, func() ([]byte, error) { return g.Pictures.PNG(c.Answer, c.Seed) })
}

func (g *Guard) sound(w http.ResponseWriter, r *http.Request) error {
	c, err := g.challenge(r, mux.Vars(r)["id"], limit.SoundClient, limit.SoundSite)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("format") == "mulaw" { // half the bytes, for a player that says it knows the format
		return g.drawing(w, r, `audio/wav; codecs="7"`, c, func() ([]byte, error) { return g.Pictures.WAV(c.Answer, c.Seed) })
	}
	return g.drawing(w, r, "audio/wav", c, func() ([]byte, error) { return g.Pictures.PlainWAV(c.Answer, c.Seed) })
}

func send(w http.ResponseWriter, kind string, body []byte, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a browser that has gone needs no answer
	return nil
}

var errGone = &page.Message{Status: http.StatusNotFound, Heading: "captcha.gone_heading", Text: "captcha.gone",
	Actions: []page.Action{{Label: "way.first", URL: sitepath.Reset}, {Label: "way.login", URL: sitepath.Login}}}
