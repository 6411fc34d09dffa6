// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/kit/words"
)

// scene is what a page needs to know about the request that it answers.
type scene struct {
	server  *Server
	route   Route
	address netip.Addr
	printer *words.Printer
}

type sceneKey struct{}

func withScene(ctx context.Context, s *scene) context.Context {
	return context.WithValue(ctx, sceneKey{}, s)
}

func sceneOf(ctx context.Context) *scene { s, _ := ctx.Value(sceneKey{}).(*scene); return s }

// Words is the printer in the language of the request.
func Words(ctx context.Context) *words.Printer { return sceneOf(ctx).printer }

// T says a sentence in the language of the request.
func T(ctx context.Context, key string, kv ...any) string { return Words(ctx).T(key, kv...) }

// N says a sentence about n of something in the language of the request.
func N(ctx context.Context, key string, n int, kv ...any) string {
	return Words(ctx).N(key, int64(n), kv...)
}

// Page is one page of the office.
type Page struct {
	Title  string // already in the language of the request
	Body   templ.Component
	Status int // 200 where zero
	Wide   bool
	Plain  bool // no menu: sign-in and faults of strangers
}

// Show writes a page in the office's frame.
func Show(w http.ResponseWriter, r *http.Request, p Page) error {
	sc := sceneOf(r.Context())
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", sc.printer.Lang())
	said := takeSaid(w, r)
	if p.Status != 0 {
		w.WriteHeader(p.Status)
	}
	return frame(p, sc.view(r, said)).Render(r.Context(), w)
}

// view is what the frame shows around a page.
type view struct {
	p       *words.Printer
	me      who.Person
	office  string
	banners []Banner
	menu    []entry
	styles  []string
	scripts []string
	langs   []words.Language
	path    string
	said    []Said
}

// part is an entry of the menu that stands by itself, or a group of them.
type part struct {
	key     string // of a group
	current bool
	entries []entry
}

// parts folds the entries of a group together, where its first one stands.
func (v view) parts() (list []part) {
	at := make(map[string]int)
	for _, e := range v.menu {
		i, known := at[e.Group]
		if e.Group == "" || !known {
			i = len(list)
			at[e.Group] = i
			list = append(list, part{key: e.Group})
		}
		list[i].entries = append(list[i].entries, e)
		list[i].current = list[i].current || e.current
	}
	return list
}

type entry struct {
	Item
	current bool
}

func (sc *scene) view(r *http.Request, said []Said) view {
	s := sc.server
	v := view{p: sc.printer, me: who.From(r.Context()), office: s.Office, styles: s.Styles, scripts: s.Scripts,
		langs: s.Words.Languages(), said: said}
	v.path, _ = whence(r) // a page that answers a form is found again where the form is
	if s.Banners != nil {
		v.banners = s.Banners(r)
	}
	here := "" // the entry whose page this is, or is below: the longest path
	for _, item := range s.Menu {
		if (r.URL.Path == item.Path || strings.HasPrefix(r.URL.Path, item.Path+"/")) && len(item.Path) > len(here) {
			here = item.Path
		}
	}
	for _, item := range s.Menu {
		err := s.admit(Route{Needs: item.Needs}, r)
		if _, again := asksAgain(err); err == nil || again {
			v.menu = append(v.menu, entry{item, item.Path == here})
		}
	}
	slices.SortStableFunc(v.menu, func(a, b entry) int { return a.Order - b.Order })
	return v
}

// language is the request's: the one chosen by ?lang= or before, else the
// browser's.
func (s *Server) language(r *http.Request) *words.Printer {
	if q := r.URL.Query().Get("lang"); q != "" {
		return s.Words.In(q)
	}
	if c, err := r.Cookie("lang"); err == nil {
		return s.Words.In(c.Value)
	}
	return s.Words.Match(r.Header.Get("Accept-Language"))
}

// Said is a sentence that the next page shows on top: what was just done.
type Said struct {
	Kind string            `json:"k"` // success, info, warning, error
	Key  string            `json:"w"`
	Args map[string]string `json:"a,omitempty"`
}

// Done sends the browser to another page and has it say a sentence there
// (post, redirect, get). kv are pairs of placeholder and text.
func Done(w http.ResponseWriter, r *http.Request, to, key string, kv ...string) error {
	args := make(map[string]string)
	for i := 0; i+1 < len(kv); i += 2 {
		args[kv[i]] = kv[i+1]
	}
	if key != "" {
		value, err := pack(Said{"success", key, args})
		if err != nil {
			return err
		}
		c := saidCookie(r)
		c.Value, c.MaxAge = value, 60
		http.SetCookie(w, c)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// mostSaid bounds the cookie that carries a sentence: browsers drop one of more
// than 4 kB whole, its name and attributes included.
const mostSaid = 3500

func saidCookie(r *http.Request) *http.Cookie {
	sc := sceneOf(r.Context())
	return &http.Cookie{Name: "said", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: sc != nil && sc.server.TLS}
}

// pack writes a sentence for its cookie. What was typed or uploaded may be of
// any length; the longest text in the sentence gives way until all of it fits.
func pack(said Said) (string, error) {
	for {
		body, err := json.Marshal([]Said{said})
		if err != nil || base64.RawURLEncoding.EncodedLen(len(body)) <= mostSaid {
			return base64.RawURLEncoding.EncodeToString(body), err
		}
		long := ""
		for k, v := range said.Args {
			if len(v) > len(said.Args[long]) {
				long = k
			}
		}
		text := strings.TrimSuffix(said.Args[long], "…")
		if len(text) < 8 {
			return "", fmt.Errorf("the sentence %s does not fit into a cookie even with its texts cut", said.Key)
		}
		said.Args[long] = strings.ToValidUTF8(text[:len(text)/2], "") + "…"
	}
}

func takeSaid(w http.ResponseWriter, r *http.Request) []Said {
	c, err := r.Cookie("said")
	if err != nil {
		return nil
	}
	gone := saidCookie(r)
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	if len(c.Value) > mostSaid {
		return nil
	}
	body, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var said []Said
	if json.Unmarshal(body, &said) != nil {
		return nil
	}
	return said
}

// statuses is the only place that knows status codes.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Denied: http.StatusForbidden,
	fault.SignIn: http.StatusUnauthorized, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.TooMany: http.StatusTooManyRequests,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Gone: http.StatusGone, fault.Internal: http.StatusInternalServerError,
}

// Fault answers with an error: a page for people, JSON for programs. The
// cause of an internal error is logged and never shown.
func (s *Server) Fault(w http.ResponseWriter, r *http.Request, err error) {
	if need, ok := asksAgain(err); ok {
		s.stepUp(w, r, need)
		return
	}
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		err = fault.Wrap(fault.TooLarge, err, "What was sent is larger than the %d bytes that this page takes.", big.Limit)
	}
	kind := fault.KindOf(err)
	if kind == fault.Internal && r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	badKey := kind == fault.SignIn && r.Header.Get("Authorization") != "" || kind == fault.Gone // a key or a one-time link that is not good
	if me := who.From(r.Context()); kind == fault.Denied || badKey {
		s.Log.WarnContext(r.Context(), "refused", "kind", kind, "person", me.ID, "via", me.Via, "method", r.Method, "path", r.URL.Path,
			"address", r.RemoteAddr, "request", who.Request(r.Context()))
	}
	sc := sceneOf(r.Context())
	sentence := sc.printer.Sentence(err)
	if kind == fault.SignIn {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if sc.route.Fault != nil {
		sc.route.Fault(w, r, statuses[kind], err)
		return
	}
	if wantsJSON(r) {
		_ = JSON(w, statuses[kind], map[string]any{"error": map[string]string{
			"kind": string(kind), "message": sentence, "request": who.Request(r.Context())}})
		return
	}
	if kind == fault.SignIn && sc.route.Door == PublicDoor {
		plain(w, statuses[kind], sentence)
		return
	}
	if kind == fault.SignIn && r.Method == http.MethodGet {
		http.Redirect(w, r, "/sign-in?next="+escapeNext(r), http.StatusSeeOther)
		return
	}
	page := Page{Title: sc.printer.T("web.fault." + string(kind)), Status: statuses[kind],
		Body: faultBody(sc.printer, kind, sentence, who.Request(r.Context())), Plain: !who.From(r.Context()).Known()}
	if err := Show(w, r, page); err != nil {
		s.Log.ErrorContext(r.Context(), "fault page not written", "error", err)
	}
}

// plain answers a program in one line of text. The sign-in page is behind the
// office door only, so at the public one there is no page to lead to.
func plain(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, sentence) // who asked has gone if this fails
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "application/json")
}

// JSON writes a value as JSON with a status.
func JSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}
