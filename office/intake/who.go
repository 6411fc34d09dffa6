// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"strings"

	"hustings/kit/fault"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// found is who an application is of, or why a person must say so.
type found struct {
	decision   Decision
	doubt      Doubt
	candidates []Likeness
}

// whose finds the voter that an application is of. A match alone takes nobody's
// registration over: what is not beyond doubt, a person decides.
func (s *Intake) whose(ctx context.Context, a *Application) (f found, err error) {
	if a.Decided.New || a.Decided.Voter != "" {
		return found{decision: a.Decided}, nil
	}
	if a.Voter.ID != "" {
		v, err := s.People.Voter(ctx, a.Voter.ID)
		switch {
		case fault.KindOf(err) == fault.NotFound: // another office's number, or a slip
		case err != nil:
			return f, err
		case sure(&a.Voter, &v) && v.Into == "":
			return found{decision: Decision{Voter: a.Voter.ID}}, nil
		default:
			f.doubt, f.candidates = WhoIsIt, []Likeness{{ID: a.Voter.ID, Tier: match.Review}}
		}
	}
	list, err := s.People.Similar(ctx, person(a))
	if err != nil {
		return f, err
	}
	var certain []roll.ID
	for _, l := range list {
		if l.Tier == match.None {
			continue
		}
		f.candidates = append(f.candidates, l)
		v, err := s.People.Voter(ctx, l.ID)
		if err != nil {
			return f, err
		}
		if l.Tier == match.Auto && sure(&a.Voter, &v) && v.Reason != roll.Deceased {
			certain = append(certain, l.ID)
		}
	}
	switch {
	case f.doubt != "":
	case len(certain) == 1 && autos(f.candidates) == 1:
		f.decision.Voter = certain[0]
	case len(f.candidates) > 0:
		f.doubt = WhoIsIt
	case a.Asks == roll.ToCancel || a.Asks == roll.ToUpdate:
		f.doubt = NotThere
	default:
		f.decision.New = true
	}
	return f, nil
}

// person is the applicant as the roll may know them: where they moved or took
// another name, under the earlier one.
func person(a *Application) roll.Voter {
	v := a.Voter
	if a.Was.Name != nil {
		v.Former = append([]roll.Name{*a.Was.Name}, v.Former...)
	}
	return v
}

func autos(list []Likeness) (n int) {
	for _, l := range list {
		if l.Tier == match.Auto {
			n++
		}
	}
	return n
}

// sure says that nothing speaks against an applicant being this voter: they
// were born on one day, their given names may be one, so may their suffixes
// (twins, and a parent and a child of one name, differ there), and no number of
// theirs differs.
func sure(a, v *roll.Voter) bool {
	if a.Birth == "" || a.Birth != v.Birth || !oneSuffix(a.Name.Suffix, v.Name.Suffix) || !oneGiven(a.Name, v) {
		return false
	}
	for _, kind := range []roll.IdentifierKind{roll.License, roll.SSN4} {
		x, y := a.NumberOf(kind), v.NumberOf(kind)
		if !x.IsZero() && !y.IsZero() && roll.Plain(x.Reveal()) != roll.Plain(y.Reveal()) {
			return false
		}
	}
	return true
}

func oneSuffix(a, b string) bool {
	a, b = generation(a), generation(b)
	return a == "" || b == "" || a == b
}

// generation is a suffix that tells a parent from a child, in one spelling.
func generation(s string) string {
	s = strings.ToUpper(strings.Trim(s, ". "))
	switch s {
	case "II", "2ND", "2":
		return "JR"
	case "I", "1ST", "1":
		return "SR"
	case "3RD", "3":
		return "III"
	case "4TH", "4":
		return "IV"
	}
	return s
}

// oneGiven says whether two given names may be one: written alike, a form of
// the same name, or an initial of it.
func oneGiven(n roll.Name, v *roll.Voter) bool {
	mine := spell.Fold(n.First)
	for _, other := range append([]roll.Name{v.Name}, v.Former...) {
		theirs := spell.Fold(other.First)
		if mine == "" || theirs == "" {
			if spell.Fold(n.Full) == spell.Fold(other.Full) {
				return true
			}
			continue
		}
		if mine == theirs || len(mine) == 1 && mine[0] == theirs[0] || len(theirs) == 1 && mine[0] == theirs[0] {
			return true
		}
		for _, form := range spell.Forms(mine) {
			if form == theirs {
				return true
			}
		}
	}
	return false
}
