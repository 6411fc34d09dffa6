// SPDX-License-Identifier: Apache-2.0

//go:build unix

package story

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/app"
	"hustings/kit/db/dbtest"
)

// answered is a whole application: somebody ends their registration, which asks
// the fewest questions.
var answered = []struct{ question, body string }{
	{"want", "want=cancel"}, {"birth", "birth-month=2&birth-day=29&birth-year=1980"}, {"number", "number=licence&licence=X123456789"}, {"name", "first=Ann&last=Doe"},
	{"home", "home-line=12+Elm+St&home-city=Alder&home-zip=00501"}, {"contact", ""}, {"affirm", "affirm=end"},
}

// applicant is somebody with a browser, who has pressed the button or not.
type applicant struct {
	*http.Client
	version string // of the answers that they pressed the button for, "" before
}

var (
	versionField = regexp.MustCompile(`name="version" value="(\d+)"`)
	receiptShown = regexp.MustCompile(`register-receipt"><bdi>([0-9A-Z-]+)<`)
)

// fill answers all questions at a door.
func (a *applicant) fill(door string) error {
	for _, one := range answered {
		if _, err := a.post(door+"/register/question/"+one.question, one.body); err != nil {
			return err
		}
	}
	page, err := a.read(a.Get(door + "/register/check"))
	if m := versionField.FindStringSubmatch(page); m != nil {
		a.version = m[1]
	}
	return err
}

// press presses the button; the receipt is "" where none was shown.
func (a *applicant) press(door string) (receipt string) {
	page, err := a.post(door+"/register/check", "version="+a.version)
	if err != nil {
		return ""
	}
	if m := receiptShown.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}

func (a *applicant) post(to, body string) (string, error) {
	return a.read(a.Post(to, "application/x-www-form-urlencoded", strings.NewReader(body)))
}

func (a *applicant) read(res *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	return string(page), err
}

// served is the program, serving.
type served struct {
	*exec.Cmd
	door string
}

var openAt = regexp.MustCompile(`msg="the house is open" public=([0-9.:]+)`)

// serve starts the program and waits for its doors.
func serve(t *testing.T, config string) *served {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "serve", "--config", config)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
		if m := openAt.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return &served{cmd, "http://" + m[1]}
		}
	}
	_ = cmd.Wait()
	if strings.Contains(strings.Join(all, "\n"), "front end is not built") {
		t.Skip("the front end is not built; run make web")
	}
	t.Fatalf("the program did not open: %s", strings.Join(all, "\n"))
	return nil
}

// crowd are people who apply, and what they were told.
type crowd struct {
	mu       sync.Mutex // guards the rest
	receipts map[string]bool
	waiting  []*applicant // who pressed the button and saw no receipt
}

// apply applies again and again until the house is gone.
func (c *crowd) apply(door string) {
	for {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return
		}
		a := &applicant{Client: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
		if a.fill(door) != nil || a.version == "" {
			return
		}
		c.note(a, a.press(door))
	}
}

func (c *crowd) note(a *applicant, receipt string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if receipt == "" {
		c.waiting = append(c.waiting, a)
		return
	}
	c.receipts[receipt] = true
}

// TestAKilledHouseLosesNoReceipt kills the program while people apply. Whoever
// was shown a receipt is known by it; whoever pressed the button and saw none
// presses it again, and there is one application for each of them.
func TestAKilledHouseLosesNoReceipt(t *testing.T) {
	kills := 5
	if s := os.Getenv("HUSTINGS_TEST_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal("HUSTINGS_TEST_KILLS is not a number")
		}
	}
	for _, engine := range []struct {
		name string
		url  func(t *testing.T, folder string) string
	}{
		{"sqlite", func(t *testing.T, folder string) string { return "sqlite:" + filepath.Join(folder, "house.db") }},
		{"postgres", func(t *testing.T, _ string) string { return dbtest.PostgresURL(t) }},
	} {
		t.Run(engine.name, func(t *testing.T) { killed(t, kills, engine.url(t, t.TempDir())) })
	}
}

func killed(t *testing.T, kills int, database string) {
	folder := t.TempDir()
	config := filepath.Join(folder, "hustings.toml")
	text := fmt.Sprintf("[office]\njurisdiction = \"ocd-division/country:us/state:xx/county:alder\"\n[data]\nfolder = %q\ndatabase = %q\n[doors]\npublic = \"127.0.0.1:0\"\noffice = \"127.0.0.1:0\"\nrate = 0.0\n",
		filepath.Join(folder, "data"), database)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &crowd{receipts: make(map[string]bool)}
	for i := range kills {
		p := serve(t, config)
		var people sync.WaitGroup
		for range 4 {
			people.Go(func() { c.apply(p.door) })
		}
		time.Sleep(time.Duration(300+(i*137)%500) * time.Millisecond)
		_ = p.Process.Kill()
		_ = p.Wait()
		people.Wait()
	}
	p := serve(t, config)
	unanswered := len(c.waiting)
	for _, a := range c.waiting {
		receipt := a.press(p.door)
		if receipt == "" {
			t.Error("whoever pressed again sees no receipt")
		}
		c.receipts[receipt] = true
	}
	_ = p.Process.Kill()
	_ = p.Wait()
	t.Logf("%d kills, %d receipts, %d of them by pressing again", kills, len(c.receipts), unanswered)
	known(t, config, c.receipts)
}

// known wants one application behind each receipt, and no other.
func known(t *testing.T, config string, receipts map[string]bool) {
	t.Helper()
	cfg, err := app.LoadConfig(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.Open(context.Background(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for receipt := range receipts {
		if _, err := h.Intake.Status(t.Context(), receipt, "1980-02-29"); err != nil {
			t.Errorf("the receipt %s is lost: %v", receipt, err)
		}
	}
	var kept int
	if err := h.DB.QueryRowContext(t.Context(), `select count(*) from intake_application`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept != len(receipts) || kept == 0 {
		t.Errorf("%d applications, %d receipts", kept, len(receipts))
	}
}
