// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
)

// ChooseLanguage remembers the language of the path for a year and goes back
// to where the person was.
func ChooseLanguage(w http.ResponseWriter, r *http.Request) error {
	p := sceneOf(r.Context()).server.Words.In(r.PathValue("tag"))
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: p.Lang(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, Local(r.URL.Query().Get("next")), http.StatusSeeOther)
	return nil
}

// Local is an address within this site: anything that would lead elsewhere
// becomes the home page.
func Local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}
