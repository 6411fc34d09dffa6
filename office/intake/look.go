// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// ID is the voter's number.
func (c candidate) ID() roll.ID { return c.Likeness.ID }

// stepName is a step, or the doubt at it, in words.
func stepName(p *words.Printer, s Step, d Doubt) string {
	if s == Looking && d != "" {
		return p.T("intake.doubt." + string(d))
	}
	return p.T("intake.step." + string(s))
}

// standingName is where an application stands, in words.
func standingName(p *words.Printer, a Application) string {
	if a.Step != Ended {
		return stepName(p, a.Step, a.Doubt)
	}
	text := p.T("intake.outcome." + string(a.Outcome))
	if a.Reason != "" && a.Reason != AsAsked {
		text += ": " + p.T("intake.reason."+string(a.Reason))
	}
	var missing []string
	for _, m := range a.Missing {
		missing = append(missing, p.T("intake.missing."+m))
	}
	if len(missing) > 0 {
		text += " (" + strings.Join(missing, ", ") + ")"
	}
	return text
}

func asksName(p *words.Printer, a roll.Ask) string {
	if slices.Contains(asks, a) {
		return p.T("intake.asks." + string(a))
	}
	return p.T("intake.asks.other")
}

// formName is a kind of form, in words where there are any.
func formName(p *words.Printer, form string) string {
	if slices.Contains(formCodes, form) {
		return p.T("intake.form." + form)
	}
	return form
}

// formCodes are the kinds of forms that have a name.
var formCodes = []string{formNVRA, formFPCA, "state", "other"}

func sourceName(p *words.Printer, s roll.Source) string {
	if slices.Contains(sourceCodes(), string(s)) {
		return p.T("intake.source." + string(s))
	}
	return p.T("intake.source.unknown")
}

// sourceCodes are the sources that have a name.
func sourceCodes() []string {
	var out []string
	for _, s := range append([]roll.Source{roll.ByInternet}, paperSources...) {
		out = append(out, string(s))
	}
	return out
}

func paperCodes() []string { return sourceCodes()[1:] }

func rejectionCodes() []string {
	var out []string
	for _, r := range rejections {
		out = append(out, string(r))
	}
	return out
}

// pathFor is the page that an application in a list leads to: one that was
// scanned only is typed in first.
func pathFor(a Application) string {
	if a.Step == Entering {
		return pathOf(a.ID) + "/form"
	}
	return pathOf(a.ID)
}

// lineName says what happened, in words.
func lineName(p *words.Printer, l Line) string {
	switch kind, rest, _ := strings.Cut(l.What, "."); kind {
	case "waits":
		return p.T("intake.doubt." + rest)
	case "ended":
		text := p.T("intake.outcome." + rest)
		if l.Reason != "" && l.Reason != string(AsAsked) {
			text += ": " + p.T("intake.reason."+l.Reason)
		}
		return text
	}
	return p.T("intake.trail." + l.What)
}

// endsOf are the ends of a file's lines in a fixed order.
func endsOf(ends map[string]int) []string { return slices.Sorted(maps.Keys(ends)) }

// row is a line of the comparison of an application with voters.
type row struct {
	name, says string
	cells      []cell
}

type cell struct {
	text    string
	differs bool
}

// rowsOf compares an application with the voters who may be the applicant.
func rowsOf(p *words.Printer, v applicationView) (out []row) {
	show := func(key, says string, of func(*roll.Voter) string, same func(*roll.Voter) bool) {
		r := row{name: p.T("intake.field." + key), says: says}
		any := says != ""
		for i := range v.candidates {
			text := of(&v.candidates[i].Voter)
			any = any || text != ""
			r.cells = append(r.cells, cell{text, says != "" && text != "" && !same(&v.candidates[i].Voter)})
		}
		if any {
			out = append(out, r)
		}
	}
	add := func(key, says string, of func(*roll.Voter) string) {
		show(key, says, of, func(x *roll.Voter) bool { return fold(says) == fold(of(x)) })
	}
	me := &v.Voter
	number := func(key string, kind roll.IdentifierKind) { // of which the end is shown, and all compared
		show(key, me.Ending(kind), func(x *roll.Voter) string { return x.Ending(kind) },
			func(x *roll.Voter) bool {
				return roll.Plain(me.NumberOf(kind).Reveal()) == roll.Plain(x.NumberOf(kind).Reveal())
			})
	}
	add("name", me.Name.String(), func(x *roll.Voter) string { return x.Name.String() })
	add("birth", string(me.Birth), func(x *roll.Voter) string { return string(x.Birth) })
	add("line", home(p, me), func(x *roll.Voter) string { return home(p, x) })
	number("license", roll.License)
	number("ssn4", roll.SSN4)
	add("phone", strings.Join(me.Reached("phone"), ", "), func(x *roll.Voter) string { return strings.Join(x.Reached("phone"), ", ") })
	add("email", strings.Join(me.Reached("email"), ", "), func(x *roll.Voter) string { return strings.Join(x.Reached("email"), ", ") })
	add("party", string(me.Party), func(x *roll.Voter) string { return string(x.Party) })
	add("voter", string(me.ID), func(x *roll.Voter) string { return string(x.ID) })
	add("state_of", "", func(x *roll.Voter) string { return p.T("registry.state." + string(x.State)) })
	return out
}

// home is where somebody lives, on one line; of a protected voter not.
func home(p *words.Printer, v *roll.Voter) string {
	if v.Protected != "" {
		return p.T("intake.protected")
	}
	return v.Home.Whole()
}

func fold(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), " ")) }

// bar is a step of a weight as it is drawn.
type bar struct {
	match.Step
	x, width, zero string
}

func (b bar) fill() string {
	if b.Bits < 0 {
		return "none" // against: an outline
	}
	return "currentColor"
}

// barsOf draws steps on one scale.
func barsOf(steps []match.Step) []bar {
	low, high := 0.0, 0.0
	at := 0.0
	for _, s := range steps {
		at += s.Bits
		low, high = min(low, at), max(high, at)
	}
	scale := 196 / max(high-low, 1)
	out := make([]bar, len(steps))
	at = 0
	for i, s := range steps {
		from, to := at, at+s.Bits
		at = to
		out[i] = bar{s, fmt.Sprintf("%.1f", 2+(min(from, to)-low)*scale), fmt.Sprintf("%.1f", max((max(from, to)-min(from, to))*scale, 1)), fmt.Sprintf("%.1f", 2-low*scale)}
	}
	return out
}

func bits(x float64) string { return fmt.Sprintf("%+.1f", x) }

// lastVerdict is what was answered last about the numbers.
func lastVerdict(trail []Line) *verify.Verdict {
	for _, l := range slices.Backward(trail) {
		if l.What == "waits."+string(NumberOdd) || l.What == "verifying" {
			var v verify.Verdict
			if json.Unmarshal(l.Data, &v) == nil {
				return &v
			}
		}
	}
	return nil
}

// lastChoice are the precincts that an address may be in.
func lastChoice(trail []Line) (out []election.UnitID) {
	for _, l := range slices.Backward(trail) {
		if l.What == "waits."+string(WhereIsIt) && json.Unmarshal(l.Data, &out) == nil {
			return out
		}
	}
	return nil
}

// wrongOf is what is wrong with a field.
func (v *entryView) wrongOf(p *words.Printer, field string) string {
	for _, w := range v.wrong {
		if w.Field == field {
			return p.Sentence(w)
		}
	}
	return ""
}
