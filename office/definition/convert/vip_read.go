// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/vip"
)

// vipLevels are how grave what the reader of feeds finds is for a definition.
var vipLevels = map[vip.Kind]Level{
	vip.Dangling: Hold, vip.WrongClass: Hold, vip.Duplicate: Hold,
	vip.BadEnum: Warn, vip.BadValue: Warn, vip.Missing: Warn, vip.Encoding: Warn, vip.Unlisted: Warn,
}

// readVIP makes a definition of a feed of the Voting Information Project.
func readVIP(feed *vip.Feed, found []vip.Problem, source string) (*election.Definition, string, *notes) {
	n := &notes{}
	for _, p := range found {
		n.at(p.Line, cmp.Or(vipLevels[p.Kind], Info), "file", string(p.ID), "say", p.String())
	}
	r := &vipReader{feed: feed, notes: n, def: &election.Definition{}, units: make(map[vip.ID]election.UnitID)}
	return r.read(), strings.TrimSpace("VIP "+feed.Version) + source, n
}

// vipReader makes a definition of a feed.
type vipReader struct {
	feed  *vip.Feed
	def   *election.Definition
	notes *notes
	cast  cast
	times timetable
	units map[vip.ID]election.UnitID // of states, localities and precincts
	hours map[vip.ID]*vip.HoursOpen
}

func (r *vipReader) read() *election.Definition {
	r.election()
	r.areas()
	r.districts()
	r.precincts()
	r.parties()
	r.people()
	r.contests()
	r.styles()
	r.places()
	settle(r.def, r.stateHint())
	e := &r.def.Election
	if st, ok := findState(e.State); ok && len(r.times.seen) > 0 {
		e.TimeZone = zoneFor(st, r.times.seen)
	}
	r.times.settle(r.def, len(r.feed.Localities) > 1, r.notes)
	r.pollHours()
	r.calendar()
	arrange(r.def)
	r.leftOut()
	return r.def
}

// vipText is a text of a feed as a definition has it.
func vipText(t *vip.Text) election.Text {
	if t == nil {
		return nil
	}
	return text(func(yield func(lang, content string)) {
		for _, s := range t.Texts {
			yield(s.Language, s.Value)
		}
	})
}

// vipExternals are the identifiers of an element by kind, and our own id where
// the feed came from us.
func vipExternals(id vip.ID, x *vip.ExternalIdentifiers) (own string, codes map[string]string) {
	own = unmarkID(string(id))
	if x == nil {
		return own, nil
	}
	for _, i := range x.Identifiers {
		key, value := string(i.Type), strings.TrimSpace(i.Value)
		if i.Type == "other" || i.Type == "" {
			key = cmp.Or(strings.TrimSpace(i.OtherType), "other")
		}
		switch {
		case value == "":
		case key == ourMark:
			own = value
		case strings.HasPrefix(key, ourMark):
		default:
			if codes == nil {
				codes = make(map[string]string)
			}
			putNumbered(codes, key, value)
		}
	}
	return own, codes
}

// electionMark begins the id that our own feeds give the election.
const electionMark = ourMark + "_"

func (r *vipReader) election() {
	if len(r.feed.Elections) == 0 {
		r.notes.say(Hold, "no_election", "")
		return
	}
	if len(r.feed.Elections) > 1 {
		var others []string
		for _, e := range r.feed.Elections[1:] {
			others = append(others, e.Date.String())
		}
		r.notes.say(Hold, "several_elections", "", "taken", r.feed.Elections[0].Date.String(), "others", few(others))
	}
	v := &r.feed.Elections[0]
	e := &r.def.Election
	kind := vipText(v.ElectionType)
	e.Type = electionType(kind.String())
	if !v.Date.IsZero() {
		e.Start = election.Date(v.Date.String())
		e.End = e.Start
	}
	e.Name = vipText(v.Name)
	if len(e.Name) == 0 {
		e.Name = election.T(typeNames[e.Type])
		r.notes.at(v.Line, Info, "election_named", "", "name", e.Name.String())
	}
	e.ID = electionID(e.End, e.Type, e.Name.String())
	if own, ok := strings.CutPrefix(unmarkID(string(v.ID)), electionMark); ok {
		e.ID = election.ID(own)
	} else if isMarked(string(v.ID)) {
		e.ID = election.ID(unmarkID(string(v.ID)))
	}
	r.hours = make(map[vip.ID]*vip.HoursOpen, len(r.feed.HoursOpen))
	for i := range r.feed.HoursOpen {
		r.hours[r.feed.HoursOpen[i].ID] = &r.feed.HoursOpen[i]
	}
	for _, h := range hoursOf(r.openings(v.HoursOpenID)) {
		if h.Start <= e.End && e.End <= h.End || h.Start == "" {
			e.PollsOpen, e.PollsClose = h.Open, h.Close
		}
	}
}

// typeNames are what an election is called that has no name.
var typeNames = map[election.Type]string{
	election.General: "General election", election.Primary: "Primary election", election.PartisanPrimaryOpen: "Open primary election",
	election.PartisanPrimaryClose: "Closed primary election", election.Runoff: "Runoff election", election.Special: "Special election",
	election.OtherType: "Election",
}

// electionType reads a type as people write it: "GENERAL", "Closed primary".
func electionType(s string) election.Type {
	k := strings.NewReplacer("-", " ", "_", " ").Replace(fold(s))
	has := func(w string) bool { return strings.Contains(k, w) }
	switch {
	case has("runoff") || has("run off"):
		return election.Runoff
	case has("primary") && has("closed"):
		return election.PartisanPrimaryClose
	case has("primary") && has("open") && has("partisan"):
		return election.PartisanPrimaryOpen
	case has("primary"):
		return election.Primary
	case has("special"):
		return election.Special
	case has("general") || has("municipal") || has("state"):
		return election.General
	}
	return election.OtherType
}

// areas makes units of the states and localities. A feed of one county has the
// county as its scope, for what is counted there is the county's alone.
func (r *vipReader) areas() {
	alone := len(r.feed.Localities) == 1
	root := election.UnitID("")
	if !alone {
		root = r.stateUnit()
	}
	for i := range r.feed.Localities {
		l := &r.feed.Localities[i]
		id, codes := vipExternals(l.ID, l.ExternalIdentifiers)
		u := election.Unit{ID: election.UnitID(id), Type: election.UnitType(cmp.Or(string(l.Type), "county")), Name: strings.TrimSpace(l.Name),
			Parent: root, MailOnly: l.IsMailOnly.Value, External: codes}
		if alone {
			u.External = r.vipCode(u.External)
			root = u.ID
			u.Parent = ""
		}
		r.units[l.ID] = u.ID
		r.def.Units = append(r.def.Units, u)
	}
	r.def.Election.Scope = root
}

// vipCode adds the FIPS code of the feed's source to a locality without one.
func (r *vipReader) vipCode(codes map[string]string) map[string]string {
	if len(r.feed.Sources) == 0 || codes["fips"] != "" {
		return codes
	}
	if id := strings.TrimSpace(r.feed.Sources[0].VipID); len(id) == 5 && allDigits(id) {
		return union(codes, map[string]string{"fips": id})
	}
	return codes
}

// stateUnit makes the unit that contains all localities.
func (r *vipReader) stateUnit() election.UnitID {
	u := election.Unit{ID: "all", Type: election.State, Name: r.def.Election.Name.String()}
	if len(r.feed.States) > 0 {
		s := &r.feed.States[0]
		id, codes := vipExternals(s.ID, s.ExternalIdentifiers)
		u.ID, u.Name, u.External = election.UnitID(id), strings.TrimSpace(s.Name), codes
		r.units[s.ID] = u.ID
	}
	for i := 1; i < len(r.feed.States); i++ {
		r.notes.at(r.feed.States[i].Line, Hold, "one_state", string(r.feed.States[i].ID), "state", r.feed.States[i].Name)
	}
	r.def.Units = append(r.def.Units, u)
	return u.ID
}

// stateHint is what the feed says about the state: its name, or the source's
// FIPS code.
func (r *vipReader) stateHint() string {
	for i := range r.feed.States {
		s := &r.feed.States[i]
		if m := ocdState.FindStringSubmatch(s.ExternalIdentifiers.Of(vip.OCDID)); m != nil {
			return strings.ToUpper(m[1])
		}
		if _, ok := findState(s.Name); ok {
			return s.Name
		}
	}
	if len(r.feed.Sources) > 0 {
		return r.feed.Sources[0].VipID
	}
	return ""
}

func (r *vipReader) districts() {
	for i := range r.feed.ElectoralDistricts {
		d := &r.feed.ElectoralDistricts[i]
		id, codes := vipExternals(d.ID, d.ExternalIdentifiers)
		out := election.District{ID: election.DistrictID(id), Name: plainText(d.Name), Type: string(d.Type), External: codes}
		if len(out.Name) == 0 {
			out.Name = election.T(id)
		}
		if out.Type == "" {
			out.Type = "other"
		}
		if d.Number.Set {
			out.Number = strconv.Itoa(d.Number.Value)
		}
		if d.OtherType != "" {
			out.External = union(out.External, map[string]string{otherTypeKey: d.OtherType})
		}
		r.def.Districts = append(r.def.Districts, out)
	}
}

// precinctKey is what the parts of a split precinct have in common.
type precinctKey struct {
	locality     vip.ID
	number, name string
}

func keyOf(p *vip.Precinct) precinctKey {
	return precinctKey{p.LocalityID, strings.TrimSpace(p.Number), strings.TrimSpace(p.Name)}
}

// precincts makes a unit of each precinct, and of the parts of a split one a
// unit each below that of the whole.
func (r *vipReader) precincts() {
	split := make(map[precinctKey]election.UnitID)
	ids := make(taken)
	for _, u := range r.def.Units {
		ids[string(u.ID)] = true
	}
	for i := range r.feed.Precincts {
		p := &r.feed.Precincts[i]
		id, _ := vipExternals(p.ID, p.ExternalIdentifiers)
		ids[id] = true
		if strings.TrimSpace(p.PrecinctSplitName) == "" { // the whole may stand in the feed too
			split[keyOf(p)] = election.UnitID(id)
		}
	}
	for i := range r.feed.Precincts {
		p := &r.feed.Precincts[i]
		id, codes := vipExternals(p.ID, p.ExternalIdentifiers)
		u := election.Unit{ID: election.UnitID(id), Type: election.Precinct, Name: strings.TrimSpace(p.Name), Number: strings.TrimSpace(p.Number),
			Parent: r.parent(p), MailOnly: p.IsMailOnly.Value, External: codes}
		if p.Ward != "" {
			u.External = union(u.External, map[string]string{wardKey: p.Ward})
		}
		if part := strings.TrimSpace(p.PrecinctSplitName); part != "" {
			u.Parent = r.whole(p, u, split, ids)
			u.Type = election.SplitPrecinct
			u.Name, u.Number = splitName(u.Name, part), splitNumber(u.Number, part)
		}
		for _, d := range p.ElectoralDistrictIDs {
			u.Districts = append(u.Districts, election.DistrictID(unmarkID(string(d))))
		}
		r.units[p.ID] = u.ID
		r.def.Units = append(r.def.Units, u)
	}
}

// wardKey is where a precinct's ward is kept.
const wardKey = "ward"

func (r *vipReader) parent(p *vip.Precinct) election.UnitID {
	if id, ok := r.units[p.LocalityID]; ok {
		return id
	}
	return r.def.Election.Scope
}

// whole is the precinct that a part belongs to, made where it is not there yet.
func (r *vipReader) whole(p *vip.Precinct, part election.Unit, split map[precinctKey]election.UnitID, ids taken) election.UnitID {
	key := keyOf(p)
	if id, ok := split[key]; ok {
		return id
	}
	u := election.Unit{Type: election.Precinct, Name: part.Name, Number: part.Number, Parent: part.Parent}
	u.ID = election.UnitID(ids.mint("precinct", "precinct", cmp.Or(part.Number, part.Name)))
	split[key] = u.ID
	r.def.Units = append(r.def.Units, u)
	return u.ID
}

// splitName names a part of a precinct so that the name stands alone.
func splitName(whole, part string) string { return whole + " (" + part + ")" }

func splitNumber(whole, part string) string {
	if whole == "" {
		return ""
	}
	return whole + "-" + part
}

func (r *vipReader) parties() {
	r.cast.parties = make(map[election.PartyID]election.Text, len(r.feed.Parties))
	for i := range r.feed.Parties {
		p := &r.feed.Parties[i]
		out := election.Party{ID: partyOf(p.ID), Name: vipText(p.Name), Abbr: strings.TrimSpace(p.Abbreviation), Color: strings.ToLower(p.Color)}
		if len(out.Name) == 0 {
			out.Name = election.T(cmp.Or(out.Abbr, string(out.ID)))
		}
		r.cast.parties[out.ID] = out.Name
		r.def.Parties = append(r.def.Parties, out)
	}
}

func partyOf(id vip.ID) election.PartyID { return election.PartyID(unmarkID(string(id))) }

func partiesOf(list []vip.ID) []election.PartyID {
	var out []election.PartyID
	for _, id := range list {
		out = append(out, partyOf(id))
	}
	return out
}

func (r *vipReader) people() {
	persons := make(map[vip.ID]*vip.Person, len(r.feed.Persons))
	for i := range r.feed.Persons {
		persons[r.feed.Persons[i].ID] = &r.feed.Persons[i]
	}
	r.cast.people = make(map[string]person, len(r.feed.Candidates))
	for i := range r.feed.Candidates {
		c := &r.feed.Candidates[i]
		_, codes := vipExternals(c.ID, c.ExternalIdentifiers)
		p := person{name: vipText(c.BallotName), incumbent: c.IsIncumbent.Value, external: codes}
		if c.PartyID != "" {
			p.party = partyOf(c.PartyID)
		}
		if who := persons[c.PersonID]; len(p.name) == 0 && who != nil {
			p.name = vipText(who.FullName)
		}
		p.withdrawn = c.PreElectionStatus == "withdrawn" || c.PostElectionStatus == "withdrawn"
		r.cast.people[string(c.ID)] = p
	}
}

// calendar takes the deadlines, each to the end of its day.
func (r *vipReader) calendar() {
	if len(r.feed.Elections) == 0 {
		return
	}
	v := &r.feed.Elections[0]
	for _, d := range []struct {
		kind, name string
		day        vip.Date
	}{{"registration", "Registration deadline", v.RegistrationDeadline}, {"absentee-request", "Deadline to ask for an absentee ballot", v.AbsenteeRequestDeadline}} {
		if !d.day.IsZero() {
			r.def.Election.Calendar = append(r.def.Election.Calendar, election.Deadline{Kind: d.kind, Name: election.T(d.name), At: endOfDay(election.Date(d.day.String()), r.def.Election)})
		}
	}
}

// endOfDay is the last second of a day where the election is held.
func endOfDay(day election.Date, e election.Election) time.Time {
	start, err := day.In(e.Zone())
	if err != nil {
		return time.Time{}
	}
	return start.AddDate(0, 0, 1).Add(-time.Second).UTC()
}

// leftOut says how much of the feed a definition has no room for.
func (r *vipReader) leftOut() {
	shapes := 0
	for i := range r.feed.Precincts {
		if r.feed.Precincts[i].SpatialBoundary != nil {
			shapes++
		}
	}
	for _, l := range []struct {
		what string
		n    int
	}{{"people", len(r.feed.Persons)}, {"streets", len(r.feed.StreetSegments)}, {"shapefiles", shapes}, {"administrations", len(r.feed.ElectionAdministrations)}} {
		if l.n > 0 {
			r.notes.say(Info, "left_out_"+l.what, "", "count", strconv.Itoa(l.n))
		}
	}
}
