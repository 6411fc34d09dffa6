// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"hustings/election"
	"hustings/kit/hide"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// A registration has parts that applications say one by one: a name, where
// somebody lives, a party. Of each part the application counts whose rank is the
// highest, in whatever order they are processed.

// rank is the place of an application among others of its voter: the day that
// counts, when it was received, and its sender's key.
func (a *Application) rank() string {
	return string(a.CountsOn) + " " + a.Received.UTC().Format("2006-01-02T15:04:05.000000") + " " + a.Key
}

// part of a registration.
type partOf struct {
	name string
	// said says whether an application says something about the part.
	said func(a *Application) bool
	// put puts what it says into a voter.
	put func(a *Application, v *roll.Voter)
	// is is what a voter has there, as text that is the same where it is the same.
	is func(v *roll.Voter) string
}

// parts are those that an application may say. What there may be several of
// (telephone and e-mail, numbers of each kind) is a part for each kind.
func parts(a *Application) []partOf {
	list := slices.Clone(plainParts)
	for _, c := range a.Voter.Contact {
		list = append(list, contactPart(c.Kind))
	}
	for _, i := range a.Voter.Identifiers {
		if !i.None {
			list = append(list, numberPart(i.Kind))
		}
	}
	for _, x := range a.Voter.Assertions {
		list = append(list, assertionPart(x.Kind))
	}
	list = slices.DeleteFunc(list, func(p partOf) bool { return !p.said(a) })
	slices.SortStableFunc(list, func(x, y partOf) int { return strings.Compare(x.name, y.name) })
	return slices.CompactFunc(list, func(x, y partOf) bool { return x.name == y.name })
}

var plainParts = []partOf{
	{"name", func(a *Application) bool { return a.Asks != roll.ToCancel && a.Voter.Name != (roll.Name{}) }, putName, func(v *roll.Voter) string { return nameKey(v.Name) }},
	{"home", saysHome, func(a *Application, v *roll.Voter) {
		v.Home, v.Precinct, v.Districts = a.Voter.Home.Clone(), a.Voter.Precinct, slices.Clone(a.Voter.Districts)
		v.County = cmp.Or(a.Voter.County, v.County)
	}, func(v *roll.Voter) string { return addressKey(v.Home) + string(v.Precinct) }},
	{"mail", func(a *Application) bool { return saysHome(a) || a.Asks != roll.ToCancel && a.Voter.Mail != nil }, func(a *Application, v *roll.Voter) {
		v.Mail = nil
		if a.Voter.Mail != nil {
			mail := a.Voter.Mail.Clone()
			v.Mail = &mail
		}
	}, func(v *roll.Voter) string {
		if v.Mail == nil {
			return ""
		}
		return addressKey(*v.Mail)
	}},
	text("birth", func(v *roll.Voter) *string { return (*string)(&v.Birth) }),
	text("party", func(v *roll.Voter) *string { return (*string)(&v.Party) }),
	text("gender", func(v *roll.Voter) *string { return &v.Gender }),
	text("race", func(v *roll.Voter) *string { return &v.Race }),
	text("ethnic", func(v *roll.Voter) *string { return &v.Ethnic }),
	text("protected", func(v *roll.Voter) *string { return &v.Protected }),
	text("signature", func(v *roll.Voter) *string { return &v.Signature }),
	{"langs", func(a *Application) bool { return a.Asks != roll.ToCancel && len(a.Voter.Langs) > 0 },
		func(a *Application, v *roll.Voter) { v.Langs = slices.Clone(a.Voter.Langs) }, func(v *roll.Voter) string { return strings.Join(v.Langs, " ") }},
	{"wishes", func(a *Application) bool { return a.Asks != roll.ToCancel && len(a.Voter.Wishes) > 0 }, func(a *Application, v *roll.Voter) {
		v.Wishes = slices.Clone(a.Voter.Wishes)
		for i := range v.Wishes {
			v.Wishes[i].How = slices.Clone(v.Wishes[i].How)
		}
	}, func(v *roll.Voter) string { return asText(v.Wishes) }},
	{"state", func(*Application) bool { return true }, nil, func(v *roll.Voter) string { return string(v.State) }},
}

func saysHome(a *Application) bool { return a.Asks != roll.ToCancel && !a.Voter.Home.Empty() }

// text is a part that is one text.
func text(name string, at func(v *roll.Voter) *string) partOf {
	return partOf{name, func(a *Application) bool { return a.Asks != roll.ToCancel && *at(&a.Voter) != "" },
		func(a *Application, v *roll.Voter) { *at(v) = *at(&a.Voter) }, func(v *roll.Voter) string { return *at(v) }}
}

func contactPart(kind string) partOf {
	of := func(v *roll.Voter) (list []roll.Contact) {
		for _, c := range v.Contact {
			if c.Kind == kind {
				list = append(list, c)
			}
		}
		return list
	}
	return partOf{"contact " + kind, func(a *Application) bool { return a.Asks != roll.ToCancel }, func(a *Application, v *roll.Voter) {
		rest := slices.DeleteFunc(slices.Clone(v.Contact), func(c roll.Contact) bool { return c.Kind == kind })
		v.Contact = append(rest, of(&a.Voter)...)
		slices.SortStableFunc(v.Contact, func(x, y roll.Contact) int { return strings.Compare(x.Kind, y.Kind) })
	}, func(v *roll.Voter) string { return asText(of(v)) }}
}

func numberPart(kind roll.IdentifierKind) partOf {
	return partOf{"number " + string(kind), func(a *Application) bool { return a.Asks != roll.ToCancel }, func(a *Application, v *roll.Voter) {
		v.Identifiers = slices.DeleteFunc(slices.Clone(v.Identifiers), func(i roll.Identifier) bool { return i.Kind == kind })
		v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: kind, Value: hide.New(roll.Plain(a.Voter.NumberOf(kind).Reveal()))})
		slices.SortFunc(v.Identifiers, func(x, y roll.Identifier) int { return strings.Compare(string(x.Kind), string(y.Kind)) })
	}, func(v *roll.Voter) string { return roll.Plain(v.NumberOf(kind).Reveal()) }}
}

func assertionPart(kind string) partOf {
	return partOf{"says " + kind, func(a *Application) bool { return a.Asks != roll.ToCancel }, func(a *Application, v *roll.Voter) {
		v.Assertions = slices.DeleteFunc(slices.Clone(v.Assertions), func(x roll.Assertion) bool { return x.Kind == kind })
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: kind, Value: asserts(&a.Voter, kind)})
		slices.SortFunc(v.Assertions, func(x, y roll.Assertion) int { return strings.Compare(x.Kind, y.Kind) })
	}, func(v *roll.Voter) string { return asserts(v, kind) }}
}

// putName gives a voter the name of an application; the one before becomes a
// former one.
func putName(a *Application, v *roll.Voter) {
	was := v.Name
	v.Name = a.Voter.Name
	formerly(v, was)
}

// formerly adds former names to a voter, each once and in one order.
func formerly(v *roll.Voter, names ...roll.Name) {
	list := slices.Clone(v.Former)
	for _, n := range names {
		if n != (roll.Name{}) && !slices.ContainsFunc(list, func(have roll.Name) bool { return nameKey(have) == nameKey(n) }) {
			list = append(list, n)
		}
	}
	list = slices.DeleteFunc(list, func(n roll.Name) bool { return nameKey(n) == nameKey(v.Name) })
	if len(list) == len(v.Former) && slices.Equal(list, v.Former) {
		return
	}
	slices.SortFunc(list, func(x, y roll.Name) int { return strings.Compare(asText(x), asText(y)) })
	v.Former = list
}

// nameKey is the same for names that differ in capitals and accents alone.
func nameKey(n roll.Name) string {
	return strings.Join([]string{spell.Fold(n.First), spell.Fold(n.Middle), spell.Fold(n.Last), generation(n.Suffix), spell.Fold(n.Full)}, "|")
}

func addressKey(a roll.Address) string {
	if a.Empty() {
		return ""
	}
	r := place.Normal(a)
	if k := r.Key(); k != "" {
		return k
	}
	return asText(r.Address)
}

func asText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// newer says of each part whether another application of the voter has said it
// with a higher rank, or somebody else has changed it for a later day.
func newer(a *Application, others []Application, history []Version) map[string]bool {
	out := map[string]bool{}
	for i := range others {
		if o := &others[i]; o.ID != a.ID && o.rank() > a.rank() {
			for _, p := range parts(o) {
				out[p.name] = true
			}
		}
	}
	for i := 1; i < len(history); i++ {
		v := &history[i]
		if strings.HasPrefix(v.Cause, causePrefix) || v.From <= a.CountsOn {
			continue
		}
		was := before(history[:i], v.From)
		for _, p := range parts(a) {
			if p.is(&v.Voter) != p.is(&was.Voter) {
				out[p.name] = true
			}
		}
	}
	return out
}

// before is the version that held on a day by what was recorded until then.
func before(history []Version, on election.Date) *Version {
	best := 0
	for i := range history {
		if history[i].From <= on && (history[best].From > on || history[i].From >= history[best].From) {
			best = i
		}
	}
	return &history[best]
}

// revision is what an application makes of a voter who is in the roll. changed
// names the parts that come to differ by it.
func (a *Application) revise(v *roll.Voter, overtaken map[string]bool) (changed []string) {
	for _, p := range parts(a) {
		if p.name == "state" || overtaken[p.name] {
			continue
		}
		next := *v
		p.put(a, &next)
		if p.is(&next) != p.is(v) {
			changed = append(changed, p.name)
			*v = next
		}
	}
	if a.Asks != roll.ToCancel && overtaken["name"] {
		formerly(v, a.Voter.Name)
	}
	if a.Was.Name != nil {
		formerly(v, *a.Was.Name)
	}
	return changed
}

// since gives a voter the day and the source of their first application.
func since(v *roll.Voter, all []Application) {
	list := slices.DeleteFunc(slices.Clone(all), func(a Application) bool { return a.Asks == roll.ToCancel })
	if len(list) == 0 {
		return
	}
	first := slices.MinFunc(list, func(x, y Application) int { return strings.Compare(x.rank(), y.rank()) })
	if v.Registered == "" || first.CountsOn <= v.Registered {
		v.Registered, v.Source = first.CountsOn, first.Voter.Source
	}
}
