// SPDX-License-Identifier: Apache-2.0

package story

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hustings/app"
	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/hide"
	"hustings/kit/who"
	"hustings/office/results"
)

// house is the running program of one story, and who is at its doors.
type house struct {
	env *testscript.Env
	*app.House
	election election.ID
	people   map[string]*http.Client
	name     string            // who acts now; the voter needs no account
	reports  map[string]string // page of each file's report
	page     string            // what the last visit showed
}

type houseKey struct{}

// houseCommands are what people do in the running house:
//
//	house ELECTION SOURCE       opens the doors; the election is live, its source tells vote types
//	hire NAME ROLE …            adds an account
//	as NAME                     from here on, NAME acts; "voter" stands at the public door
//	[!] upload results FILE SOURCE  sends a file in
//	[!] approve results FILE    approves it, or may not
//	published N                 waits until version N is in front of the public
//	[!] visit PATH              opens a page
//	[!] see TEXT                the page shows it
var houseCommands = map[string]func(*testscript.TestScript, bool, []string){
	"house": told((*house).open, 2), "hire": told((*house).hire, -2), "as": told((*house).as, 1),
	"upload": asked((*house).upload, 3), "approve": asked((*house).approve, 2), "published": told((*house).published, 1),
	"visit": asked((*house).visit, 1), "see": asked((*house).see, 1),
}

// asked makes a command of something that may be refused.
func asked(do func(h *house, args []string) error, want int) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if want >= 0 && len(args) != want || len(args) < -want {
			ts.Fatalf("this takes %d words, and has %d", max(want, -want), len(args))
		}
		err := do(ts.Value(houseKey{}).(*house), args)
		switch {
		case err != nil && !neg:
			ts.Fatalf("%v", err)
		case err != nil:
			ts.Logf("refused: %v", err)
		case neg:
			ts.Fatalf("this was allowed")
		}
	}
}

// told is asked for what cannot be refused.
func told(do func(h *house, args []string) error, want int) func(*testscript.TestScript, bool, []string) {
	command := asked(do, want)
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this is never refused")
		}
		command(ts, neg, args)
	}
}

// open starts the house in the story's folder with the story's settings.
func (h *house) open(args []string) error {
	cfg, err := app.LoadConfig(filepath.Join(h.env.WorkDir, "hustings.toml"), nil)
	if err != nil {
		return err
	}
	cfg.Data.Folder = filepath.Join(h.env.WorkDir, "hustings-data")
	cfg.Doors.Public, cfg.Doors.Office = "127.0.0.1:0", "127.0.0.1:0"
	cfg.SignIn.Rehearsal = true
	cfg.Access.StepUp = false // people here have passwords alone
	if h.House, err = app.Open(context.Background(), cfg, slog.New(slog.DiscardHandler), time.Now); err != nil {
		return err
	}
	h.people, h.reports, h.election = make(map[string]*http.Client), make(map[string]string), election.ID(args[0])
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	h.env.Defer(func() { stop(); <-done; h.Close() })
	<-h.Opened
	chief := who.With(ctx, who.Person{ID: "chief", Name: "Chief", Jurisdiction: cfg.Office.Jurisdiction, Via: who.CLI})
	return errors.Join(h.Results.Open(chief, h.election), h.Results.GoLive(chief, h.election),
		h.Results.SaveSource(chief, h.election, results.Source{ID: args[1], Name: "Source " + args[1], ByType: true}))
}

const password = "a sentence that is easy to remember"

func (h *house) hire(args []string) error {
	ctx := who.With(context.Background(), who.Person{ID: "operator", Name: "Operator", Jurisdiction: h.Config.Office.Jurisdiction, Via: who.CLI})
	a, err := h.Identity.Add(ctx, args[0]+"@vale.example", args[0], hide.New(password))
	for _, r := range args[1:] {
		if err == nil {
			err = h.Access.Grant(ctx, a.ID, access.Role(r))
		}
	}
	return err
}

// as signs in the first time; later the session is still there.
func (h *house) as(args []string) error {
	h.name = args[0]
	if h.people[h.name] != nil {
		return nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	h.people[h.name] = &http.Client{Jar: jar, Timeout: 30 * time.Second}
	if h.name == "voter" {
		return nil
	}
	_, err = h.post("/sign-in", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"email": {h.name + "@vale.example"}, "password": {password}}.Encode()))
	return err
}

func (h *house) upload(args []string) error {
	file, source := args[1], args[2]
	body, err := os.ReadFile(filepath.Join(h.env.WorkDir, file))
	if err != nil {
		return err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err = w.WriteField("source", source)
	part, err2 := w.CreateFormFile("file", filepath.Base(file))
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	_, err = part.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	at, err := h.post("/results/"+string(h.election)+"/upload", w.FormDataContentType(), &form)
	h.reports[file] = at
	return err
}

// approve sends what the form of the report's page would send. Whoever may not
// sees no form; the house must refuse them all the same.
func (h *house) approve(args []string) error {
	report := h.reports[args[1]]
	p, _ := h.Shelf.Current("results/" + string(h.election))
	form := url.Values{"base": {fmt.Sprint(p.Version)}, "reason": {"compared with the tapes"}}
	_, err := h.post(report+"/approve", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return err
}

func (h *house) published(args []string) error {
	for range 500 {
		if p, ok := h.Shelf.Current("results/" + string(h.election)); ok && fmt.Sprint(p.Version) == args[0] {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("version %s was not published within 10 s", args[0])
}

func (h *house) visit(args []string) error {
	door := h.Office
	if h.name == "voter" {
		door = h.Public
	}
	res, err := h.people[h.name].Get("http://" + door + args[0])
	if err != nil {
		return err
	}
	_, err = h.answer(res)
	return err
}

func (h *house) post(path, kind string, body io.Reader) (at string, err error) {
	res, err := h.people[h.name].Post("http://"+h.Office+path, kind, body)
	if err != nil {
		return "", err
	}
	return h.answer(res)
}

// answer keeps the page of an answer; at is where redirects have led.
func (h *house) answer(res *http.Response) (at string, err error) {
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	h.page = string(body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s", res.Request.Method, res.Request.URL.Path, res.Status)
	}
	return res.Request.URL.Path, err
}

func (h *house) see(args []string) error {
	if !strings.Contains(h.page, args[0]) {
		return fmt.Errorf("the page does not show %q:\n%s", args[0], h.page)
	}
	return nil
}
