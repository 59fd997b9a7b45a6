package login

import "net/http"

// postLogout ends the session at Kratos and makes the browser forget it.
func (h *Handler) postLogout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Kratos.Logout(r.Context(), r.Cookies()); err != nil {
		return err
	}
	for _, cookie := range h.Kratos.ExpireSessions(r.Host, h.DeviceCookie.Secure) {
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, PathLogin, http.StatusSeeOther)
	return nil
}
