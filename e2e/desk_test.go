// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hustings/fake/county"
)

// saved is a delivery as a file that a browser can choose.
func (b *tab) saved(d county.Delivery) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), d.Name)
	b.must(os.WriteFile(path, d.Body, 0o600))
	return path
}

// TestAFileIsSentInByScript shows what the script adds: the file's name, the
// report without a second request, and a refusal that loses nothing.
func TestAFileIsSentInByScript(t *testing.T) {
	b := openOffice(t).tab(clerk)
	n := b.open("2026-11-18")
	d := n.files[0]
	b.visit(n.desk + "/upload?source=" + d.Source)
	empty := filepath.Join(t.TempDir(), "empty.xml")
	b.must(os.WriteFile(empty, nil, 0o600))

	b.run(chromedp.SetUploadFiles("#file", []string{empty}, chromedp.ByQuery))
	b.until(`document.querySelector("[data-drop] [role=status]").textContent === "empty.xml"`)
	b.run(chromedp.Click("form[data-upload] > button", chromedp.ByQuery))
	b.until(`document.querySelector("form[data-upload] > [role=alert]")?.textContent.includes("empty.xml is empty")`)
	if !ask[bool](b, `document.activeElement.getAttribute("role") === "alert" && document.querySelector("#file").files.length === 1 && !document.querySelector("form[data-upload] > button").disabled`) {
		t.Error("after a refusal the form is not ready to be sent again, with the reason in focus")
	}
	b.quiet("422")

	b.run(chromedp.SetUploadFiles("#file", []string{b.saved(d)}, chromedp.ByQuery), chromedp.Click("form[data-upload] > button", chromedp.ByQuery))
	b.until(`document.querySelector("h1").textContent.includes("` + d.Name + `")`)
	for what, is := range map[string]string{
		"the address is the report's":     `location.pathname.includes("/reports/")`,
		"the page says what became of it": `document.querySelector("main > .usa-alert")?.textContent.includes("waits for a second person")`,
	} {
		if !ask[bool](b, is) {
			t.Errorf("not so: %s", what)
		}
	}
	b.quiet("")
	b.run(chromedp.NavigateBack())
	b.until(`document.querySelector("form[data-upload]")`)
}

// TestAFileIsDroppedOnThePage lets one go beside its place, where a browser
// would open it and leave the page.
func TestAFileIsDroppedOnThePage(t *testing.T) {
	b := openOffice(t).tab(clerk)
	n := b.open("2026-11-19")
	b.visit(n.desk + "/upload")
	left := ask[bool](b, `(() => {
		const files = new DataTransfer();
		files.items.add(new File(["x"], "dropped.csv"));
		return document.querySelector("h1").dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: files}));
	})()`)
	if left {
		t.Error("the browser may open the dropped file in place of the page")
	}
	b.until(`document.querySelector("#file").files[0]?.name === "dropped.csv"`)
	b.quiet("")
}

// TestTheDeskRefreshesItself hears of a report within three seconds, keeps
// what is being typed, and says so to who cannot see it.
func TestTheDeskRefreshesItself(t *testing.T) {
	b := openOffice(t).tab(approver)
	n := b.open("2026-11-20")
	b.visit(n.desk)
	b.until(`document.documentElement.classList.contains("stream-on")`)
	b.run(chromedp.SendKeys("#status-reason", "typing", chromedp.ByQuery), chromedp.Evaluate(`window.sameDesk = true`, nil))
	began := time.Now()
	n.take(n.files[0])
	b.until(`document.querySelector("#desk .desk-item__name")?.textContent.includes("` + n.files[0].Name + `")`)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the desk showed the report after %s, want 3 s at most", took)
	}
	for what, is := range map[string]string{
		"it was not loaded again":      `window.sameDesk === true`,
		"what was typed is there":      `document.querySelector("#status-reason").value === "typing" && document.activeElement.id === "status-reason"`,
		"the title counts the waiting": `document.title.startsWith("(1) ")`,
		"a screen reader is told":      `document.querySelector("#desk-said").textContent.includes("look at the differences")`,
	} {
		if !ask[bool](b, is) {
			t.Errorf("not so: %s", what)
		}
	}
	b.quiet("")
}

// TestAReportIsApprovedByKeys reaches the decision by its link and decides
// without a pointer.
func TestAReportIsApprovedByKeys(t *testing.T) {
	b := openOffice(t).tab(approver)
	n := b.open("2026-11-24")
	report, r := n.take(n.files[0])
	b.visit(report)
	b.run(chromedp.Evaluate(`window.samePage = true`, nil), chromedp.Focus(".report-jump", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement?.id === "decide" && window.samePage`)
	b.run(chromedp.KeyEvent(kb.Tab))
	if r.Holds > 0 {
		b.run(chromedp.KeyEvent("compared with the tapes"), chromedp.KeyEvent(kb.Tab))
	}
	if !ask[bool](b, `document.activeElement.matches("form[action$='/approve'] button") && getComputedStyle(document.activeElement).outlineStyle === "solid"`) {
		t.Fatalf("the keys led to %s", ask[string](b, `document.activeElement.outerHTML`))
	}
	b.run(chromedp.KeyEvent(kb.Enter))
	b.until(fmt.Sprintf(`location.pathname === %q && document.querySelector("main > .usa-alert--success")`, n.desk))
	if got := n.version(); got != 1 {
		t.Errorf("got version %d, want 1", got)
	}
	b.quiet("")
}

// TestAPaperIsChosenInPlace keeps the page, puts the cursor where typing
// begins, and leaves an address that leads back to the paper.
func TestAPaperIsChosenInPlace(t *testing.T) {
	b := openOffice(t).tab(clerk)
	n := b.open("2026-11-26")
	b.visit(n.desk + "/entry")
	ask[bool](b, `window.stayed = true`)
	b.run(chromedp.Click(".entry-choose button", chromedp.ByQuery))
	b.until(`document.activeElement.id === "n0"`)
	if !ask[bool](b, `window.stayed && location.search.includes("contest=")`) {
		t.Error("choosing a paper left the page, or its address is not the paper's")
	}
	b.quiet("")
	address := ask[string](b, `location.pathname + location.search`)
	b.visit(address)
	b.until(`document.querySelector("#paper form")`)
}
