// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
)

// ChooseLanguage remembers the language of the path for a year and goes back
// to where the person was.
func ChooseLanguage(w http.ResponseWriter, r *http.Request) error {
	s := sceneOf(r.Context()).server
	p := s.Words.In(r.PathValue("tag"))
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: p.Lang(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.TLS, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, Local(r.URL.Query().Get("next")), http.StatusSeeOther)
	return nil
}

// Local is an address within this site: anything that would lead elsewhere
// becomes the home page. Browsers drop tabs and line ends from an address and
// read a backslash as a slash, so what looks like a path with one of them in it
// may be another host: "/\t/evil.example".
func Local(next string) string {
	path := next
	if i := strings.IndexAny(next, "?#"); i >= 0 {
		path = next[:i]
	}
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.ContainsFunc(next, deceptive) {
		return "/"
	}
	return next
}

func deceptive(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }
