// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/letters"
	"hustings/office/registry/roll"
)

// registrarAt signs the registrar in, who is hired by whichever test is first.
func (o *office) registrarAt() *tab {
	o.t.Helper()
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	o.must(o.Access.Grant(o.as(""), a.ID, access.Registrar))
	return o.tab(registrar)
}

// correspondence has letters in every state, and gives the newest of some.
func (o *office) correspondence() (waits, held, out string, open, done letters.Batch) {
	o.t.Helper()
	write := func(kind letters.Kind, cause, name string) string {
		fields := make(map[string]string)
		for _, f := range letters.Fields(kind) {
			fields[f.Name] = "one thing\nand another"
		}
		n, err := o.Letters.Write(o.as(""), letters.Letter{Kind: kind, Language: "es", About: "v1", Cause: o.t.Name() + cause, Fields: fields,
			To: letters.To{Name: []string{name}, Mail: roll.Address{Lines: []string{"12 Elm St"}, City: "Alder", State: "XX", ZIP: "00501"}}})
		o.must(err)
		return n
	}
	out = write(letters.Transfer, "c1", "María García-López")
	done, err := o.Letters.Make(o.as(""), []letters.Kind{letters.Transfer})
	o.must(err)
	o.must(o.Letters.Confirm(o.as(""), done.ID, letters.Receipt{Printed: done.Letters, SHA256: done.SHA256}))
	for i := range 3 {
		write(letters.Duplicate, fmt.Sprint("d", i), "Nguyễn Thị Hồng Đào")
	}
	open, err = o.Letters.Make(o.as(""), []letters.Kind{letters.Duplicate})
	o.must(err)
	waits = write(letters.Confirmation, "c2", "Olive Garcia")
	held = write(letters.Incomplete, "c3", "王小明")
	return waits, held, out, open, done
}

// TestLettersAreAccessible looks at the pages of letters on a phone and on a
// desk, light and dark, in each language.
func TestLettersAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	b := o.registrarAt()
	waits, held, out, open, done := o.correspondence()
	for _, v := range views {
		b.look(v)
		for _, p := range []struct{ name, path, but string }{
			{name: "letters", path: "/letters"},
			{name: "letters-none", path: "/letters?number=0000", but: "404"},
			{name: "letter-card", path: "/letters/letters/" + waits},
			{name: "letter-held", path: "/letters/letters/" + held},
			{name: "letter-issued", path: "/letters/letters/" + out},
			{name: "batches", path: "/letters/batches"},
			{name: "batch-open", path: "/letters/batches/" + open.ID},
			{name: "batch-done", path: "/letters/batches/" + done.ID},
			{name: "returned", path: "/letters/returned"},
			{name: "templates", path: "/letters/templates"},
			{name: "template", path: "/letters/templates/confirmation/es"},
		} {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := b.in(t)
				b.visit(p.path)
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}

// TestReturnedMailIsScannedByKeysAlone types one number after the other, as a
// scanner does: the field has the focus again each time.
func TestReturnedMailIsScannedByKeysAlone(t *testing.T) {
	browser(t)
	o := openOffice(t)
	b := o.registrarAt()
	_, _, out, _, _ := o.correspondence()
	b.visit("/letters/returned?reason=moved")
	focused := `document.activeElement && document.activeElement.id == "number"`
	b.until(focused)
	b.run(chromedp.KeyEvent("0000-0000-0001\r"))
	b.until(`document.querySelector("#number-wrong") != null`)
	b.until(focused)
	b.run(chromedp.KeyEvent(strings.ToLower(letters.Hyphens(out)) + "\r"))
	b.until(`document.querySelector("table") != null && document.body.innerText.includes("` + letters.Hyphens(out) + `")`)
	b.until(focused)
	if l, err := o.Letters.Letter(o.as(""), out); err != nil || l.State != letters.Returned || l.Why != letters.Moved {
		t.Errorf("%+v %v", l.State, err)
	}
	b.run(chromedp.Click("table form button", chromedp.ByQuery))
	b.until(`document.querySelector("table") == null`)
	if l, err := o.Letters.Letter(o.as(""), out); err != nil || l.State != letters.Issued {
		t.Errorf("undone: %+v %v", l.State, err)
	}
}
