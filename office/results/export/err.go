// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/office/results/tally"
)

// ERRJSON writes a report of NIST SP 1500-100 version 2 as JSON. It is valid
// against the official schema, or nothing is written and the error says why.
func ERRJSON(w io.Writer, in Input) error { return nisterr.WriteJSON(w, Report(in)) }

// ERRXML writes the same report as XML.
func ERRXML(w io.Writer, in Input) error { return nisterr.WriteXML(w, Report(in)) }

// ourCode is the kind of identifier that holds the ids of the definition, by
// which our own reader finds everything again.
const ourCode = "hustings"

// report builds an ElectionReport.
type report struct {
	in      *Input
	x       *tally.Index
	t       *tally.Tally
	privacy *tally.Privacy
	ids     map[string]bool
	units   []string // id of each unit
	parties map[election.PartyID]string
	used    map[election.PartyID]bool
	areas   map[election.DistrictID]string // unit that stands for a district
	items   []item                         // by vote type of the definition
	rep     *nisterr.ElectionReport
}

// item is a vote type in the words of the standard.
type item struct {
	typ   nisterr.CountItemType
	other string
}

// Report makes the report that ERRJSON and ERRXML write: votes, overvotes,
// undervotes, ballots and voters of every unit that reported and of every unit
// that contains such ones, by vote type where that is told and not hidden.
// Overvotes and undervotes have no vote type in the standard.
func Report(in Input) *nisterr.ElectionReport {
	r := &report{
		in: &in, t: in.Tally, x: in.Tally.Index, privacy: in.privacy(), ids: make(map[string]bool),
		parties: make(map[election.PartyID]string), used: make(map[election.PartyID]bool), areas: make(map[election.DistrictID]string),
		rep: &nisterr.ElectionReport{Dialect: nisterr.NISTv2},
	}
	r.items = items(r.x.Def.VoteTypes)
	r.head()
	r.nameUnits()
	r.nameParties()
	e := r.election()
	r.addUnits()
	r.addParties()
	r.rep.Election = []nisterr.Election{e}
	return r.rep
}

func items(types []election.VoteType) []item {
	uses := make(map[election.CountItem]int)
	for _, t := range types {
		uses[t.Item]++
	}
	out := make([]item, len(types))
	for i, t := range types {
		out[i] = item{nisterr.CountItemTypeOther, string(t.ID)}
		if c := nisterr.CountItemType(t.Item); uses[t.Item] == 1 && c.Valid() && c != nisterr.CountItemTypeOther && c != nisterr.CountItemTypeTotal {
			out[i] = item{c, ""}
		}
	}
	return out
}

// head says who reports what, when, and how final it is.
func (r *report) head() {
	in, rep := r.in, r.rep
	rep.Format = nisterr.ReportDetailLevelPrecinctLevel
	rep.GeneratedDate = in.Generated.UTC().Format(time.RFC3339)
	rep.Issuer = cmp.Or(strings.TrimSpace(in.Issuer), r.x.Def.Election.Jurisdiction, "Election office")
	rep.IssuerAbbreviation = cmp.Or(in.Abbreviation, initials(rep.Issuer))
	rep.Status = nisterr.ResultsStatus(cmp.Or(in.Status, election.UnofficialPartial))
	rep.SequenceStart, rep.SequenceEnd = nisterr.Some(int64(max(1, in.Sequence))), nisterr.Some(int64(max(1, in.Of)))
	rep.VendorApplicationId = "Hustings"
	rep.Notes = in.Notes
	if in.Test {
		rep.IsTest = nisterr.Some(true)
		rep.TestType = "logic and accuracy"
	}
}

// initials abbreviates an office: Alder County Elections is ACE.
func initials(name string) string {
	var b strings.Builder
	for _, w := range strings.Fields(name) {
		for _, letter := range w {
			if letter >= 'A' && letter <= 'Z' {
				b.WriteRune(letter)
			}
			break
		}
	}
	return cmp.Or(b.String(), name)
}

// id makes an id that may stand in XML: a word for the kind, then ours, with
// whatever XML does not take written as its code.
func (r *report) id(kind string, parts ...string) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, p := range parts {
		b.WriteByte('-')
		for _, c := range p {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
				b.WriteRune(c)
				continue
			}
			b.WriteString("_x")
			b.WriteString(hex(c))
		}
	}
	id := b.String()
	for r.ids[id] {
		id += "_"
	}
	r.ids[id] = true
	return id
}

func hex(c rune) string {
	const digits = "0123456789abcdef"
	var out []byte
	for ; c > 0; c >>= 4 {
		out = append(out, digits[c&15])
	}
	slices.Reverse(out)
	return string(out)
}

// external lists an element's codes: ours, then those of other systems.
func external(id string, codes map[string]string) []nisterr.ExternalIdentifier {
	out := []nisterr.ExternalIdentifier{{Type: nisterr.IdentifierTypeOther, OtherType: ourCode, Value: id}}
	for _, k := range slices.Sorted(maps.Keys(codes)) {
		x := nisterr.ExternalIdentifier{Type: nisterr.IdentifierType(k), Value: codes[k]}
		if !x.Type.Valid() || x.Type == nisterr.IdentifierTypeOther {
			x.Type, x.OtherType = nisterr.IdentifierTypeOther, k
		}
		out = append(out, x)
	}
	return out
}

// text is a wording in all its languages.
func text(t election.Text) *nisterr.InternationalizedText {
	out := &nisterr.InternationalizedText{}
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		out.Text = append(out.Text, nisterr.LanguageString{Language: lang, Content: t[lang]})
	}
	if len(out.Text) == 0 {
		return nisterr.Text("en", "")
	}
	return out
}

// nameUnits gives every unit its id, and every district that a contest is
// decided in.
func (r *report) nameUnits() {
	r.units = make([]string, len(r.x.Def.Units))
	for i, u := range r.x.Def.Units {
		r.units[i] = r.id("gp", string(u.ID))
	}
	for _, c := range r.x.Def.Contests {
		if c.District != "" && r.areas[c.District] == "" {
			r.areas[c.District] = r.id("di", string(c.District))
		}
	}
}

// addUnits lists units with what they contain and how far they are counted,
// then districts with the units that lie in them.
func (r *report) addUnits() {
	in := make(map[election.DistrictID][]string)
	for i, u := range r.x.Def.Units {
		for _, d := range u.Districts {
			in[d] = append(in[d], r.units[i])
		}
		r.rep.GpUnit = append(r.rep.GpUnit, r.unit(int32(i)))
	}
	for _, d := range r.x.Def.Districts {
		if r.areas[d.ID] == "" {
			continue
		}
		g := nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: r.areas[d.ID], Name: text(d.Name), Number: d.Number, ComposingGpUnitIds: in[d.ID],
			Type: nisterr.ReportingUnitType(d.Type), ExternalIdentifier: external(string(d.ID), d.External)}
		if !g.Type.Valid() || g.Type == nisterr.ReportingUnitTypeOther {
			g.Type, g.OtherType = nisterr.ReportingUnitTypeOther, d.Type
		}
		r.rep.GpUnit = append(r.rep.GpUnit, g)
	}
}

func (r *report) unit(i int32) nisterr.GpUnit {
	u := r.x.Def.Units[i]
	g := nisterr.GpUnit{
		Kind: nisterr.ReportingUnit, ID: r.units[i], Name: nisterr.Text("en", cmp.Or(u.Name, u.Number, string(u.ID))), Number: u.Number,
		Type: nisterr.ReportingUnitType(u.Type), ExternalIdentifier: external(string(u.ID), u.External),
	}
	if !g.Type.Valid() || g.Type == nisterr.ReportingUnitTypeOther {
		g.Type, g.OtherType = nisterr.ReportingUnitTypeOther, string(u.Type)
	}
	if u.MailOnly {
		g.IsMailOnly = nisterr.Some(true)
	}
	for _, k := range r.x.Children(i) {
		g.ComposingGpUnitIds = append(g.ComposingGpUnitIds, r.units[k])
	}
	if n, ok := r.t.N(i, tally.NoContest, tally.Registered, tally.TotalType); ok {
		g.VotersRegistered = nisterr.Some(n)
	}
	if n, ok := r.t.N(i, tally.NoContest, tally.CheckIns, tally.TotalType); ok {
		g.VotersParticipated = nisterr.Some(n)
	}
	r.progress(&g, i)
	return g
}

// progress says how far a unit is counted, by vote type where that was told.
func (r *report) progress(g *nisterr.GpUnit, i int32) {
	reported, expected := r.t.Reporting(i, tally.NoContest)
	if len(r.x.Children(i)) > 0 {
		g.SubUnitsReported, g.TotalSubUnits = nisterr.Some(int64(reported)), nisterr.Some(int64(expected))
	}
	for t := range int16(len(r.items) + 1) {
		p, ok := r.t.Progress(i, t)
		switch {
		case ok && t == tally.TotalType:
			g.CountStatus = append(g.CountStatus, nisterr.CountStatus{Status: nisterr.CountItemStatus(p.State), Type: nisterr.CountItemTypeTotal})
			if p.Expected > 0 {
				g.SubUnitsReported, g.TotalSubUnits = nisterr.Some(int64(p.Reported)), nisterr.Some(int64(p.Expected))
			}
		case ok:
			it := r.items[t-1]
			g.CountStatus = append(g.CountStatus, nisterr.CountStatus{Status: nisterr.CountItemStatus(p.State), Type: it.typ, OtherType: it.other})
		case t == tally.TotalType:
			g.CountStatus = append(g.CountStatus, nisterr.CountStatus{Status: r.stateOf(reported, expected), Type: nisterr.CountItemTypeTotal})
		}
	}
}

// stateOf is how far a count is where no source told: what has not reported is
// not processed, what has is finished only when the results say they are.
func (r *report) stateOf(reported, expected int) nisterr.CountItemStatus {
	switch {
	case reported == 0:
		return nisterr.CountItemStatusNotProcessed
	case reported < expected || r.in.Status == election.UnofficialPartial || r.in.Status == election.PreElection || r.in.Status == "":
		return nisterr.CountItemStatusInProcess
	}
	return nisterr.CountItemStatusCompleted
}

func (r *report) nameParties() {
	for _, p := range r.x.Def.Parties {
		r.parties[p.ID] = r.id("pa", string(p.ID))
	}
}

// party is the id of a party, which from then on counts as used.
func (r *report) party(id election.PartyID) string {
	if r.parties[id] != "" {
		r.used[id] = true
	}
	return r.parties[id]
}

// addParties lists the parties that somebody stands for.
func (r *report) addParties() {
	for _, p := range r.x.Def.Parties {
		if !r.used[p.ID] {
			continue
		}
		out := nisterr.Party{Kind: nisterr.SingleParty, ID: r.parties[p.ID], Name: text(p.Name), ExternalIdentifier: external(string(p.ID), nil)}
		if p.Abbr != "" {
			out.Abbreviation = nisterr.Text("en", p.Abbr)
		}
		if len(p.Color) == 6 {
			out.Color = strings.ToLower(p.Color)
		}
		r.rep.Party = append(r.rep.Party, out)
	}
}
