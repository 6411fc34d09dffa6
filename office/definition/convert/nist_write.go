// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"io"
	"strings"

	"hustings/election"
	"hustings/format/nisterr"
)

func writeNISTXML(w io.Writer, def *election.Definition) error {
	return nisterr.WriteXML(w, newNISTWriter(def).report())
}

func writeNISTJSON(w io.Writer, def *election.Definition) error {
	return nisterr.WriteJSON(w, newNISTWriter(def).report())
}

// nistWriter makes a report before the election of a definition.
type nistWriter struct {
	def        *election.Definition
	ids        xmlIDs
	units      map[election.UnitID]string
	districts  map[election.DistrictID]string
	parties    map[election.PartyID]string
	contests   map[election.ContestID]string
	contestAt  map[election.ContestID]int
	choices    []map[election.ChoiceID]string // of each contest
	merged     map[election.DistrictID]bool   // districts that are units too
	candidates []nisterr.Candidate
	people     map[string]int // candidates written so far, by id
	offices    []nisterr.Office
	officeIDs  map[string]string // ids of offices written so far, by the id or name they go by
}

func newNISTWriter(def *election.Definition) *nistWriter {
	w := &nistWriter{def: def, ids: make(xmlIDs), units: make(map[election.UnitID]string), districts: make(map[election.DistrictID]string),
		parties: make(map[election.PartyID]string), contests: make(map[election.ContestID]string), contestAt: make(map[election.ContestID]int),
		merged: make(map[election.DistrictID]bool), people: make(map[string]int), officeIDs: make(map[string]string)}
	for _, u := range def.Units {
		w.units[u.ID] = w.ids.take("u", string(u.ID))
	}
	w.merge()
	for _, d := range def.Districts {
		if w.merged[d.ID] {
			w.districts[d.ID] = w.units[election.UnitID(d.ID)]
			continue
		}
		w.districts[d.ID] = w.ids.take("d", string(d.ID))
	}
	for _, p := range def.Parties {
		w.parties[p.ID] = w.ids.take("p", string(p.ID))
	}
	for i, c := range def.Contests {
		w.contests[c.ID] = w.ids.take("c", string(c.ID))
		w.contestAt[c.ID] = i
	}
	w.choices = choiceIDs(def, w.ids)
	return w
}

// choiceIDs takes an id for every choice; one that several contests have is
// marked with the contest's number.
func choiceIDs(def *election.Definition, ids xmlIDs) []map[election.ChoiceID]string {
	out := make([]map[election.ChoiceID]string, len(def.Contests))
	for i, c := range def.Contests {
		out[i] = make(map[election.ChoiceID]string, len(c.Choices))
		for _, ch := range c.Choices {
			out[i][ch.ID] = ids.take("s", string(ch.ID))
		}
	}
	return out
}

// merge finds the districts that are a unit as well, such as the county for
// which a sheriff is elected. That they are districts, a report tells by contests
// alone.
func (w *nistWriter) merge() {
	t := treeOf(w.def)
	held := make(map[election.DistrictID]bool, len(w.def.Contests))
	for _, c := range w.def.Contests {
		held[c.District] = true
	}
	in := make(map[election.DistrictID]map[int]bool)
	for i, u := range w.def.Units {
		for _, d := range u.Districts {
			if in[d] == nil {
				in[d] = make(map[int]bool)
			}
			in[d][i] = true
		}
	}
	for _, d := range w.def.Districts {
		at, ok := t.at[election.UnitID(d.ID)]
		if !ok || !held[d.ID] || !sameThing(d, w.def.Units[at]) {
			continue
		}
		same, n := true, 0
		t.leaves(at, func(leaf int) { same, n = same && in[d.ID][leaf], n+1 })
		w.merged[d.ID] = same && n == len(in[d.ID])
	}
}

// sameThing says whether a district and a unit with the same id are told alike.
func sameThing(d election.District, u election.Unit) bool {
	if d.Type != string(u.Type) || d.Number != u.Number || d.Name.String() != u.Name || len(d.External) != len(u.External) {
		return false
	}
	for k, v := range d.External {
		if u.External[k] != v {
			return false
		}
	}
	return true
}

func (w *nistWriter) report() *nisterr.ElectionReport {
	e := w.def.Election
	rep := &nisterr.ElectionReport{
		Format: nisterr.ReportDetailLevelPrecinctLevel, GeneratedDate: firstInstant(e), Issuer: issuer(w.def), IssuerAbbreviation: abbreviation(issuer(w.def)),
		SequenceStart: nisterr.Some(int64(1)), SequenceEnd: nisterr.Some(int64(1)), Status: nisterr.ResultsStatusPreElection, VendorApplicationId: "Hustings",
		GpUnit: w.gpUnits(), Party: w.partyList(),
	}
	out := nisterr.Election{
		ElectionScopeId: w.units[e.Scope], Name: intl(e.Name), StartDate: string(e.Start), EndDate: string(cmp.Or(e.End, e.Start)), Type: nisterr.ElectionType(e.Type),
		ExternalIdentifier: w.electionMarks(), CountStatus: w.countStatus(),
	}
	if !out.Type.Valid() {
		out.Type, out.OtherType = nisterr.ElectionTypeOther, string(e.Type)
	}
	for i := range w.def.Contests {
		out.Contest = append(out.Contest, w.contest(i))
	}
	for i := range w.def.Styles {
		if s := w.style(&w.def.Styles[i]); len(s.GpUnitIds) > 0 { // the standard knows no style that nobody gets
			out.BallotStyle = append(out.BallotStyle, s)
		}
	}
	out.Candidate = w.candidates
	rep.Office = w.offices
	rep.Election = []nisterr.Election{out}
	return rep
}

// electionMarks carry what a report has no field for.
func (w *nistWriter) electionMarks() []nisterr.ExternalIdentifier {
	e := w.def.Election
	out := identifiers(nil, [2]string{ourMark, string(e.ID)}, [2]string{ourMark, w.def.Hash()},
		[2]string{ourState, e.State}, [2]string{ourZone, e.TimeZone}, [2]string{ourOpen, e.PollsOpen}, [2]string{ourClose, e.PollsClose})
	if e.Jurisdiction != "" {
		out = append(out, nisterr.ExternalIdentifier{Type: nisterr.IdentifierTypeOcdId, Value: e.Jurisdiction})
	}
	return out
}

// firstInstant is the beginning of the election's first day, which stands for
// the time of writing.
func firstInstant(e election.Election) string {
	at, err := e.Start.In(e.Zone())
	if err != nil {
		return ""
	}
	return at.Format("2006-01-02T15:04:05Z07:00")
}

// issuer is the office as far as the definition tells.
func issuer(def *election.Definition) string {
	if root := rootOf(def); root != nil && root.Name != "" {
		return root.Name
	}
	return cmp.Or(def.Election.Jurisdiction, string(def.Election.ID))
}

// abbreviation is made of first letters.
func abbreviation(name string) string {
	var b strings.Builder
	for _, w := range strings.Fields(name) {
		for _, r := range w {
			b.WriteRune(r)
			break
		}
	}
	return strings.ToUpper(b.String())
}

func (w *nistWriter) countStatus() []nisterr.CountStatus {
	var out []nisterr.CountStatus
	for _, t := range w.def.VoteTypes {
		s := nisterr.CountStatus{Status: nisterr.CountItemStatusNotProcessed, Type: nisterr.CountItemType(t.Item)}
		if !s.Type.Valid() {
			s.Type = nisterr.CountItemTypeOther
		}
		if s.Type == nisterr.CountItemTypeOther && t.Name.String() != "Other" {
			s.OtherType = t.Name.String()
		}
		out = append(out, s)
	}
	return out
}

// gpUnits writes districts first, in their order, then units, then places.
func (w *nistWriter) gpUnits() []nisterr.GpUnit {
	t := treeOf(w.def)
	shapes := make(map[election.UnitID]election.Shape, len(w.def.Shapes))
	for _, s := range w.def.Shapes {
		shapes[s.Unit] = s
	}
	in := make(map[election.DistrictID][]string)
	for _, u := range w.def.Units {
		for _, d := range u.Districts {
			in[d] = append(in[d], w.units[u.ID])
		}
	}
	var out []nisterr.GpUnit
	for i := range w.def.Districts {
		d := &w.def.Districts[i]
		if w.merged[d.ID] {
			u := w.unit(t, t.at[election.UnitID(d.ID)], shapes)
			u.Name = intl(d.Name)
			out = append(out, u)
			continue
		}
		out = append(out, w.area(d, in[d.ID]))
	}
	for i, u := range w.def.Units {
		if !w.merged[election.DistrictID(u.ID)] {
			out = append(out, w.unit(t, i, shapes))
		}
	}
	return append(out, w.placeUnits()...)
}

func (w *nistWriter) unit(t *tree, i int, shapes map[election.UnitID]election.Shape) nisterr.GpUnit {
	u := w.def.Units[i]
	id := w.units[u.ID]
	out := nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: id, Name: nisterr.Text("en", cmp.Or(u.Name, string(u.ID))), Number: u.Number,
		ExternalIdentifier: identifiers(u.External, [2]string{ourMark, changed(id, string(u.ID))})}
	out.Type, out.OtherType = unitType(string(u.Type), u.External)
	for _, k := range t.kids[i] {
		out.ComposingGpUnitIds = append(out.ComposingGpUnitIds, w.units[w.def.Units[k].ID])
	}
	if u.MailOnly {
		out.IsMailOnly = nisterr.Some(true)
	}
	if u.Registered != nil {
		out.VotersRegistered = nisterr.Some(*u.Registered)
	}
	if s, ok := shapes[u.ID]; ok {
		out.SpatialDimension = extent(s)
	}
	return out
}

// unitType is a kind of unit in the words of NIST.
func unitType(typ string, ext map[string]string) (nisterr.ReportingUnitType, string) {
	t := nisterr.ReportingUnitType(typ)
	if !t.Valid() {
		return nisterr.ReportingUnitTypeOther, typ
	}
	if t == nisterr.ReportingUnitTypeOther {
		return t, ext[otherTypeKey]
	}
	return t, ""
}

// area writes a district that is no unit.
func (w *nistWriter) area(d *election.District, parts []string) nisterr.GpUnit {
	id := w.districts[d.ID]
	out := nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: id, Name: intl(d.Name), Number: d.Number, ComposingGpUnitIds: parts}
	out.Type, out.OtherType = unitType(d.Type, d.External)
	mark := ""
	if rank[out.Type] > 0 || out.Type == nisterr.ReportingUnitTypeOther || id != string(d.ID) {
		mark = string(d.ID) // or a reader would take it for a unit
	}
	out.ExternalIdentifier = identifiers(d.External, [2]string{ourArea, mark})
	return out
}

func (w *nistWriter) partyList() []nisterr.Party {
	var out []nisterr.Party
	for _, p := range w.def.Parties {
		x := nisterr.Party{Kind: nisterr.SingleParty, ID: w.parties[p.ID], Name: intl(p.Name), Color: strings.ToLower(p.Color)}
		if p.Abbr != "" {
			x.Abbreviation = nisterr.Text("en", p.Abbr)
		}
		out = append(out, x)
	}
	return out
}

func (w *nistWriter) style(s *election.Style) nisterr.BallotStyle {
	out := nisterr.BallotStyle{ExternalIdentifier: identifiers(nil, [2]string{ourMark, string(s.ID)})}
	if s.Name != "" {
		out.ExternalIdentifier = append(out.ExternalIdentifier, nisterr.ExternalIdentifier{Type: nisterr.IdentifierTypeLocalLevel, Value: s.Name})
	}
	for _, u := range s.Units {
		if id, ok := w.units[u]; ok {
			out.GpUnitIds = append(out.GpUnitIds, id)
		}
	}
	if id, ok := w.parties[s.Party]; ok {
		out.PartyIds = []string{id}
	}
	for _, c := range s.Contests {
		id, ok := w.contests[c]
		if !ok {
			continue
		}
		o := nisterr.OrderedContent{Kind: nisterr.OrderedContest, ContestId: id}
		for _, ch := range s.Orders[c] {
			if x, ok := w.choices[w.contestAt[c]][ch]; ok {
				o.OrderedContestSelectionIds = append(o.OrderedContestSelectionIds, x)
			}
		}
		out.OrderedContent = append(out.OrderedContent, o)
	}
	return out
}
