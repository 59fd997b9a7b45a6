package login

import "net/http"

// logout ends the session at Kratos and makes the browser forget it.
func (h *Handler) logout(w http.ResponseWriter, r *http.Request) error {
	cleared, err := h.Kratos.Logout(r.Context(), r.Cookies())
	if err != nil {
		return err
	}
	for _, cookie := range cleared {
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, PathLogin, http.StatusSeeOther)
	return nil
}
