// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// step is one question as a person answers it: which inputs by their ids, with
// what typed; "" presses it.
type step struct {
	at   string
	says [][2]string
}

// registration is a whole registration, question by question.
var registration = []step{
	{"question/want", [][2]string{{"want-register", ""}}},
	{"question/citizen", [][2]string{{"citizen-yes", ""}}},
	{"question/where", [][2]string{{"where-here", ""}}},
	{"question/safe", [][2]string{{"safe-no", ""}}},
	{"question/birth", [][2]string{{"birth-month", "2"}, {"birth-day", "29"}, {"birth-year", "1980"}}},
	{"question/number", [][2]string{{"number-licence", ""}, {"licence", "X123456789"}}},
	{"question/name", [][2]string{{"first", "María"}, {"last", "García-López"}}},
	{"question/before", [][2]string{{"before-no", ""}}},
	{"question/home", [][2]string{{"home-line", "12 North Elm Street"}, {"home-city", "Alder"}, {"home-zip", "00501"}}},
	{"question/mail", [][2]string{{"mail-other", ""}, {"mail-line", "PO Box 12"}, {"mail-city", "Alder"}, {"mail-state", "XX"}, {"mail-zip", "00501"}}},
	{"question/contact", [][2]string{{"email", "maria@example.com"}}},
	{"question/party", [][2]string{{"party-orchard", ""}}},
	{"question/letters", [][2]string{{"letters-es", ""}}},
	{"question/sign", [][2]string{{"sign-licence", ""}}},
	{"question/affirm", [][2]string{{"affirm-united-states-citizen", ""}, {"affirm-eighteen-on-election-day", ""}, {"affirm-residence", ""}, {"affirm-felon", ""}, {"affirm-truthful", ""}}},
}

// reach presses the tabulator, or within a group of choices the arrow, until an
// input has the focus.
func (b *tab) reach(id string) {
	b.t.Helper()
	for range 60 {
		if ask[bool](b, `document.activeElement.id === "`+id+`"`) {
			return
		}
		key := kb.Tab
		if ask[bool](b, `document.activeElement.type === "radio" && document.getElementById("`+id+`")?.name === document.activeElement.name`) {
			key = kb.ArrowDown
		}
		b.run(chromedp.KeyEvent(key))
	}
	b.t.Fatalf("the keyboard does not reach #%s", id)
}

// answer answers a question by keyboard alone, and sends it.
func (b *tab) answer(s step) {
	b.t.Helper()
	for _, one := range s.says {
		b.reach(one[0])
		switch {
		case one[1] != "":
			b.run(chromedp.KeyEvent(one[1]))
		case !ask[bool](b, `document.activeElement.checked`): // an arrow has chosen it already
			b.run(chromedp.KeyEvent(" "))
		}
	}
	b.enter(`.register-form > button[type="submit"], .register-form fieldset ~ button[type="submit"]`)
}

// enter reaches a button by the tabulator and presses it.
func (b *tab) enter(button string) {
	b.t.Helper()
	was := ask[string](b, "location.pathname")
	for range 60 {
		if ask[bool](b, "document.activeElement.matches(`"+button+"`)") {
			b.run(chromedp.KeyEvent(kb.Enter))
			b.until(`location.pathname !== "` + was + `" && document.readyState === "complete" && document.querySelector("main h1")`)
			return
		}
		b.run(chromedp.KeyEvent(kb.Tab))
	}
	b.t.Fatalf("the keyboard does not reach %s", button)
}

func (b *tab) isAt(path string) {
	b.t.Helper()
	if got := ask[string](b, "location.pathname"); got != "/register/"+path {
		b.t.Fatalf("at %s, want /register/%s: %s", got, path, ask[string](b, "document.body.innerText"))
	}
}

// TestRegisteringByKeyboard goes the whole way on a phone and at a desk, light
// and dark, in each language, with every page looked at for barriers.
func TestRegisteringByKeyboard(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			b := (&office{o.House, t, o.people}).tab("")
			b.look(v)
			seen := func(name string) {
				b.t.Helper()
				b.barriers(program, v.wide)
				b.shoot("register-" + name + "-" + v.name)
			}
			b.voter("/register")
			seen("first")
			b.voter("/register/question/want")
			for _, s := range registration {
				b.isAt(s.at)
				seen(strings.ReplaceAll(s.at, "/", "-"))
				b.answer(s)
			}
			b.isAt("check")
			seen("check")
			b.enter(`form[action="/register/check"] button`)
			b.isAt("done")
			seen("done")
			if got := ask[string](b, `document.querySelector(".register-receipt").innerText`); !receipt.MatchString(got) {
				t.Errorf("the receipt reads %q", got)
			}
			b.quiet("")
		})
	}
}

var receipt = regexp.MustCompile(`^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}$`)

// TestWhatIsWrongWithAnAnswer is said on top, where the focus goes, and at its
// field.
func TestWhatIsWrongWithAnAnswer(t *testing.T) {
	program := axe(t)
	b := openOffice(t).tab("")
	for _, v := range views {
		b.look(v)
		b.voter("/register/question/want")
		b.run(chromedp.Evaluate(`document.querySelector(".register-form").submit()`, nil))
		b.until(`document.querySelector("[data-problems]")`)
		b.barriers(program, v.wide)
		b.shoot("register-wrong-" + v.name)
		if !ask[bool](b, `document.activeElement.matches("[data-problems]")`) {
			t.Error("the focus is not on what is wrong")
		}
		b.quiet("422")
		for _, path := range []string{"/register/status", "/register/continue", "/register/stop/abroad", "/register/stop/young", "/register/stop/nowhere"} {
			b.voter(path)
			b.barriers(program, v.wide)
			b.shoot("register-" + strings.ReplaceAll(strings.TrimPrefix(path, "/register/"), "/", "-") + "-" + v.name)
		}
		b.quiet("404")
	}
}

// TestASignatureIsDrawn with a pointer, on the way of somebody without a
// licence.
func TestASignatureIsDrawn(t *testing.T) {
	program := axe(t)
	b := openOffice(t).tab("")
	b.look(views[2])
	b.voter("/register/question/want")
	for _, s := range registration {
		switch s.at {
		case "question/number":
			s.says = [][2]string{{"number-none", ""}}
		case "question/sign":
			b.isAt("question/sign")
			b.reach("sign-drawn")
			b.run(chromedp.KeyEvent(" "))
			b.run(chromedp.ScrollIntoView("canvas", chromedp.ByQuery))
			b.run(chromedp.Evaluate(strokes, nil))
			b.barriers(program, views[2].wide)
			b.shoot("register-drawn")
			b.enter(`form[action="/register/signature"] > button[type="submit"]`)
			continue
		}
		b.isAt(s.at)
		b.answer(s)
	}
	b.isAt("check")
	if got := ask[string](b, "document.body.innerText"); !strings.Contains(got, "picture of your signature is here") {
		t.Errorf("the page says %q", got)
	}
	b.quiet("")
}

// strokes draws a zigzag on the canvas.
const strokes = `(() => {
	const canvas = document.querySelector("canvas");
	const box = canvas.getBoundingClientRect();
	canvas.setPointerCapture = () => {};
	const at = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: box.left + x, clientY: box.top + y, bubbles: true }));
	at("pointerdown", 20, 20);
	for (let i = 1; i < 12; i++) at("pointermove", 20 + i * 15, i % 2 ? 60 : 20);
	at("pointerup", 190, 20);
})()`

// TestAVoterRegistersWithoutScripts uses plain forms, as a browser without
// JavaScript does, up to where the application stands.
func TestAVoterRegistersWithoutScripts(t *testing.T) {
	o := openOffice(t)
	jar, err := cookiejar.New(nil)
	o.must(err)
	p := &person{o, &http.Client{Jar: jar}}
	door := "http://" + o.Public + "/register"
	read := func(res *http.Response, err error) (path, body string) {
		t.Helper()
		o.must(err)
		return res.Request.URL.Path, p.body(res)
	}
	path, page := read(p.client.Get(door + "/question/want"))
	for _, s := range registration {
		if path != "/register/"+s.at {
			t.Fatalf("at %s, want %s:\n%s", path, s.at, page)
		}
		form := url.Values{}
		for _, one := range s.says {
			if name, value, _ := strings.Cut(one[0], "-"); one[1] == "" {
				form.Add(name, value)
			} else {
				form.Add(one[0], one[1])
			}
		}
		if s.at == "question/sign" {
			path, page = read(multipartPost(p, door+"/signature", form))
			continue
		}
		path, page = read(p.client.PostForm("http://"+o.Public+path, form))
	}
	path, page = read(p.client.PostForm(door+"/check", url.Values{"version": {p.hidden(page, "version")}}))
	if path != "/register/done" {
		t.Fatalf("at %s:\n%s", path, page)
	}
	number := between(page, `<p class="register-receipt"><bdi>`, `</bdi>`)
	_, page = read(p.client.PostForm(door+"/status", url.Values{"receipt": {number}, "birth-month": {"2"}, "birth-day": {"29"}, "birth-year": {"1980"}}))
	p.says(page, "Your application is")
}

func multipartPost(p *person, to string, form url.Values) (*http.Response, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name := range form {
		if err := w.WriteField(name, form.Get(name)); err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return p.client.Post(to, w.FormDataContentType(), io.Reader(&b))
}
