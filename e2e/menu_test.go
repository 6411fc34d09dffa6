// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTheMenuUnfolds opens the group of the menu, looks at it in each view, and
// closes it again by Escape, which gives the focus back to its name.
func TestTheMenuUnfolds(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	o.open("2027-03-09")
	b := o.tab(approver)
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			b := b.in(t)
			b.look(v)
			b.visit("/results")
			b.run(chromedp.Focus(".office-more summary", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
			b.until(`document.querySelector(".office-more").open`)
			b.barriers(program, v.wide)
			b.shoot("menu-" + v.name)
			b.run(chromedp.KeyEvent(kb.Escape))
			b.until(`!document.querySelector(".office-more").open && document.activeElement === document.querySelector(".office-more summary")`)
			b.quiet("")
		})
	}
}
