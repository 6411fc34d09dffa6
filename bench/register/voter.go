// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// line is a connection that asks one thing after another, as a browser does. It
// is spare, for the server needs the machine.
type line struct {
	door string
	c    net.Conn
	r    *bufio.Reader
}

func (l *line) close() {
	if l.c != nil {
		_ = l.c.Close()
		l.c = nil
	}
}

// answer is what came back.
type answer struct {
	status  int
	to      string
	cookies []*http.Cookie
	wait    time.Duration
	body    []byte
}

// ask sends a request; kind is the body's type.
func (l *line) ask(method, path, cookie, kind, body string) (a answer, err error) {
	if l.c == nil {
		if l.c, err = net.Dial("tcp", l.door); err != nil {
			return a, err
		}
		l.r = bufio.NewReaderSize(l.c, 16<<10)
	}
	text := method + " " + path + " HTTP/1.1\r\nHost: " + l.door + "\r\n"
	if *languages != "" {
		text += "Accept-Language: " + *languages + "\r\n"
	}
	if cookie != "" {
		text += "Cookie: " + cookie + "\r\n"
	}
	if method == http.MethodPost {
		text += "Content-Type: " + kind + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err = io.WriteString(l.c, text+"\r\n"+body); err != nil {
		return a, err
	}
	res, err := http.ReadResponse(l.r, &http.Request{Method: method})
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a = answer{status: res.StatusCode, to: res.Header.Get("Location"), cookies: res.Cookies()}
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		a.wait = time.Duration(s) * time.Second
	}
	a.body, err = io.ReadAll(res.Body)
	return a, err
}

const urlencoded = "application/x-www-form-urlencoded"

// look asks for the first page.
func (b *bench) look(l *line) (string, error) {
	a, err := l.ask(http.MethodGet, "/register", "", "", "")
	if err == nil && a.status != http.StatusOK {
		return strconv.Itoa(a.status), nil
	}
	return "", err
}

// answers are a whole registration.
var answers = []struct{ question, body string }{
	{"want", "want=register"}, {"citizen", "citizen=yes"}, {"where", "where=here"}, {"safe", "safe=no"}, {"birth", "birth-month=2&birth-day=29&birth-year=1980"},
	{"number", "number=licence&licence=X123456789"}, {"name", "first=Mar%C3%ADa&middle=Elena&last=Garc%C3%ADa-L%C3%B3pez"}, {"before", "before=no"},
	{"home", "home-line=12+North+Elm+Street&home-city=Alder&home-zip=00501"}, {"mail", "mail=same"}, {"contact", "phone=555-201-0199"}, {"party", "party=orchard"},
	{"letters", "letters=es"}, {"sign", ""}, {"affirm", url.Values{"affirm": {"united-states-citizen", "eighteen-on-election-day", "residence", "felon", "truthful"}}.Encode()},
}

const signature = "--x\r\nContent-Disposition: form-data; name=\"sign\"\r\n\r\nlicence\r\n--x--\r\n"

// draft is a person who has answered everything.
type draft struct{ cookie, version string }

// drafts answers all questions for so many people, as fast as it goes.
func (b *bench) drafts(n int) ([]draft, error) {
	out := make([]draft, n)
	var next atomic.Int64
	var busy sync.WaitGroup
	var failed atomic.Value
	began := time.Now()
	for range min(64, n) {
		busy.Go(func() {
			l := &line{door: b.door}
			defer l.close()
			for i := next.Add(1) - 1; int(i) < n; i = next.Add(1) - 1 {
				d, err := fill(l)
				if err != nil {
					failed.Store(err)
					return
				}
				out[i] = d
			}
		})
	}
	busy.Wait()
	if err, ok := failed.Load().(error); ok {
		return nil, err
	}
	if n > 0 {
		took := time.Since(began).Seconds()
		fmt.Printf("%d people answered %d questions each: %.0f answers kept a second\n", n, len(answers), float64(n*len(answers))/took)
	}
	return out, nil
}

var version = regexp.MustCompile(`name="version" value="(\d+)"`)

// fill answers all questions.
func fill(l *line) (d draft, err error) {
	for i, one := range answers {
		path, kind, body := "/register/question/"+one.question, urlencoded, one.body
		if one.question == "sign" {
			path, kind, body = "/register/signature", "multipart/form-data; boundary=x", signature
		}
		a, err := l.ask(http.MethodPost, path, d.cookie, kind, body)
		if err != nil {
			return d, err
		}
		want := "/register/check"
		if i+1 < len(answers) {
			want = "/register/question/" + answers[i+1].question
		}
		if a.status != http.StatusSeeOther || a.to != want {
			return d, fmt.Errorf("after %s: %d, to %s: %s", one.question, a.status, a.to, a.body)
		}
		for _, c := range a.cookies {
			if d.cookie != "" {
				d.cookie += "; "
			}
			d.cookie += c.Name + "=" + c.Value
		}
	}
	a, err := l.ask(http.MethodGet, "/register/check", d.cookie, "", "")
	if err != nil {
		return d, err
	}
	m := version.FindSubmatch(a.body)
	if m == nil {
		return d, fmt.Errorf("no button to send with: %s", a.body)
	}
	d.version = string(m[1])
	return d, nil
}

// send presses the button, and shows the receipt; "" for one. Where waited is
// given, whoever is asked to wait does so, and comes back as their page does.
func (b *bench) send(l *line, d draft, waited *atomic.Int64) (string, error) {
	a, err := l.ask(http.MethodPost, "/register/check", d.cookie, urlencoded, "version="+d.version)
	for err == nil && a.status == http.StatusServiceUnavailable && a.wait > 0 && waited != nil {
		waited.Add(1)
		l.close()
		time.Sleep(a.wait)
		a, err = l.ask(http.MethodGet, "/register/sending", d.cookie+"; registration-pressed="+d.version, "", "")
	}
	if err != nil {
		return "", err
	}
	if a.status != http.StatusSeeOther || a.to != "/register/done" {
		return fmt.Sprintf("%d %s", a.status, a.to), nil
	}
	if a, err = l.ask(http.MethodGet, "/register/done", d.cookie, "", ""); err != nil {
		return "", err
	}
	_, rest, _ := strings.Cut(string(a.body), `register-receipt"><bdi>`)
	receipt, _, ok := strings.Cut(rest, "<")
	if !ok {
		return "no receipt", nil
	}
	b.mu.Lock()
	b.receipts[receipt] = true
	b.mu.Unlock()
	return "", nil
}
