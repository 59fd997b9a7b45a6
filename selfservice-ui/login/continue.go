package login

import (
	"cmp"
	"net/http"
	"net/url"

	"efpconnect.example/selfservice-ui/page"
)

// continueView is the page between a login and the service that asked for it.
type continueView struct{ Service, URL string }

// onward is where a signed-in browser goes. A service's sign-in is led to by a page: its address ends at another origin, and a
// browser follows a form's answer to no origin that form-action does not name.
func (h *Handler) onward(returnTo string) string {
	if h.Leads != nil {
		if _, leads := h.Leads(returnTo); leads {
			return pathContinue + "?" + url.Values{"return_to": {returnTo}}.Encode()
		}
	}
	return cmp.Or(returnTo, PathServices)
}

// getContinue leads on by itself, and by a link.
func (h *Handler) getContinue(w http.ResponseWriter, r *http.Request) error {
	to := h.ReturnTo.Allowed(r.URL.Query().Get("return_to"))
	if to == "" {
		http.Redirect(w, r, PathServices, http.StatusSeeOther)
		return nil
	}
	v := continueView{URL: to}
	if h.Leads != nil {
		v.Service, _ = h.Leads(to)
	}
	w.Header().Set("Refresh", "0; url="+to)
	return h.Pages.Write(w, r, continuePage(v))
}

func continuePage(v continueView) page.Page {
	return page.Page{Template: "continue", Heading: "login.continue_heading", Title: "login.continue_heading", View: v}
}
