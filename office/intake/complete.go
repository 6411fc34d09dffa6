// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"slices"
	"time"

	"hustings/election"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
)

// citizen is what an applicant says about their citizenship, as SP 1500-102
// spells it.
const citizen = "united-states-citizen"

// asserts is what the applicant says of themselves: yes, no, or "" for nothing.
func asserts(v *roll.Voter, kind string) string {
	for _, a := range v.Assertions {
		if a.Kind == kind {
			return a.Value
		}
	}
	return ""
}

// onPaper are the sources whose applicants sign a sheet of paper; the other
// doors see to the signature themselves.
var onPaper = []roll.Source{roll.ByMail, roll.ByEmail, roll.ByFax, roll.AtOffice, roll.Drive}

// missing names the fields without which an application cannot go on. What the
// law does not ask for is never missing: not a number (who has none shows
// identification), not a telephone.
func (a *Application) missing(hasSignature bool) (fields []string) {
	v := &a.Voter
	want := func(field string, there bool) {
		if !there {
			fields = append(fields, field)
		}
	}
	want("name", v.Name.Last != "" || v.Name.Full != "")
	born := isDay(v.Birth)
	if a.Asks == roll.ToCancel || a.Asks == roll.ToUpdate {
		// Some states' forms for ballots ask for four digits and no birth date: a person then says who it is.
		want("birth", born || v.Birth == "" && (v.ID != "" || hasNumber(v) || !v.Home.Empty()))
		if a.Asks == roll.ToUpdate {
			return fields
		}
	} else {
		want("birth", born)
		want("home", v.Home.Line() != "" || v.Home.Point != nil)
		if a.Form != formFPCA {
			want("citizen", asserts(v, citizen) == "yes" || !slices.Contains(onPaper, v.Source) && v.Source != roll.ByInternet)
		}
	}
	if slices.Contains(onPaper, v.Source) {
		want("signature", a.Signed != "" || hasSignature)
	}
	return fields
}

// refused is a reason of the law to turn an application away that stands on it
// in the applicant's own words; "" for none. 52 U.S.C. 20508(b)(2), 21083(b)(4).
func (a *Application) refused() Reason {
	v := &a.Voter
	if a.Asks == roll.ToCancel {
		return ""
	}
	for _, one := range []struct {
		kind, value string
		why         roll.Reason
	}{{citizen, "no", roll.NotCitizen}, {"declared-incompetent", "yes", roll.Incapacity}, {"deceased", "yes", roll.Deceased}} {
		if asserts(v, one.kind) == one.value {
			return Reason(one.why)
		}
	}
	if asserts(v, "felon") == "yes" && asserts(v, "restored-felon") != "yes" {
		return Reason(roll.Felony)
	}
	return ""
}

// age says what the applicant's age lets them do on the day that counts.
func age(a *Application, r *rules.Rules) roll.Ask {
	if r.Age == 0 {
		r.Age, r.AgeBy = 18, rules.ByGeneral
	}
	e, ok := r.Eligible(a.Voter.Birth, a.CountsOn, nil)
	if !ok {
		return ""
	}
	return e.May
}

func isDay(d election.Date) bool {
	t, err := d.In(time.UTC)
	return err == nil && t.Year() >= 1880
}
