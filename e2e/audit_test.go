// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheRecordIsAccessible walks through the record with axe, on a phone and
// on a desk, light and dark, in each language.
func TestTheRecordIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	o.open("2027-01-12")
	b := o.tab(approver)
	for _, v := range views {
		b.look(v)
		for _, p := range []struct {
			name, path, but string
			link            bool // follow the first entry
		}{
			{name: "record", path: "/audit"},
			{name: "record-alarms", path: "/audit/alarms"},
			{name: "record-odd-day", path: "/audit?from=noon", but: "422"},
			{name: "record-nothing", path: "/audit?subject=nothing"},
			{name: "record-entry", path: "/audit?action=results.opened.v1", link: true},
		} {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := b.in(t)
				b.visit(p.path)
				if p.link {
					b.follow(`main table a[href^="/audit/entries/"]`)
				}
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}

// TestSearchesAreKeptWithoutAScript searches, keeps the search, uses it and
// removes it, by plain forms and links.
func TestSearchesAreKeptWithoutAScript(t *testing.T) {
	o := openOffice(t)
	o.open("2027-01-19")
	p := o.signIn(approver)
	if body := p.get("/audit?action=results.opened.v1"); !strings.Contains(body, "opened 2027-01-19") {
		t.Fatalf("the search does not find it:\n%s", body)
	}
	body := p.post("/audit/searches", map[string][]string{"title": {"What was opened"}, "action": {"results.opened.v1"}})
	if !strings.Contains(body, "What was opened") {
		t.Fatal("the search is not kept")
	}
	id := between(body, `/audit/searches/`, `/remove`)
	if strings.Contains(p.post("/audit/searches/"+id+"/remove", nil), `>What was opened</a>`) {
		t.Error("the search is still there")
	}
}

// TestAVoterChecksAResultFile does it in a browser: the file that was published
// is recognised, one with another letter is not.
func TestAVoterChecksAResultFile(t *testing.T) {
	program := axe(t)
	b := openOffice(t).tab("")
	n := b.open("2027-01-26")
	_, r := n.take(n.files[0])
	n.approve(r)
	n.published(1)
	b.eventually("the receipt of the version", func() bool {
		return strings.Contains(b.public("/verify/"), `receipts/`+string(n.e)+`/v1.json`)
	})
	good := filepath.Join(t.TempDir(), "results.csv")
	body := b.public("/results/" + string(n.e) + "/downloads/results.csv")
	if body == "" {
		t.Fatal("there is no results.csv")
	}
	b.must(os.WriteFile(good, []byte(body), 0o600))
	bad := filepath.Join(t.TempDir(), "other.csv")
	b.must(os.WriteFile(bad, []byte(body+"x"), 0o600))
	for _, v := range views {
		b.look(v)
		b.voter(map[string]string{"en": "/verify/", "es": "/verify/es/"}[v.lang])
		b.barriers(program, v.wide)
		b.shoot("verify-" + v.name)
	}
	b.quiet("favicon")
	for _, tt := range []struct{ file, class string }{{good, "verdict--good"}, {bad, "verdict--bad"}} {
		b.voter("/verify/")
		b.run(chromedp.SetUploadFiles("#file", []string{tt.file}, chromedp.ByQuery), chromedp.Click("#verify button", chromedp.ByQuery))
		b.until(`document.getElementById("verdict").className.includes("` + tt.class + `")`)
		said := ask[string](b, `document.getElementById("verdict").textContent`)
		if tt.file == good && !strings.Contains(said, "version 1 of "+string(n.e)) || tt.file == bad && !strings.Contains(said, "have not published") {
			t.Errorf("it says %q", said)
		}
	}
	b.quiet("favicon")
}
