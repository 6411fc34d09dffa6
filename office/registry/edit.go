// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// edit is a registration as the office's form has it. Fields are those of the
// form, as they were typed.
type edit map[string]string

// editFields are the fields of the form, in their order.
var editFields = []string{"first", "middle", "last", "suffix", "birth", "home", "city", "zip", "mail", "phone", "email", "party", "language", "protected", "standing"}

// editOf fills the form with a voter as they stand. Where a protected voter
// lives is not shown in it, and stays unless something is typed.
func editOf(v *roll.Voter) edit {
	e := edit{"first": v.Name.First, "middle": v.Name.Middle, "last": v.Name.Last, "suffix": v.Name.Suffix, "birth": string(v.Birth),
		"party": string(v.Party), "protected": v.Protected, "standing": standing(v.State, v.Reason)}
	if v.Protected == "" {
		e["home"], e["city"], e["zip"] = v.Home.Line(), v.Home.City, v.Home.ZIP
	}
	if v.Mail != nil {
		e["mail"] = v.Mail.Whole()
		if len(v.Mail.Lines) > 0 {
			e["mail"] = strings.Join(v.Mail.Lines, "\n")
		}
	}
	for _, kind := range []string{"phone", "email"} {
		if list := v.Reached(kind); len(list) > 0 {
			e[kind] = list[0]
		}
	}
	if len(v.Langs) > 0 {
		e["language"] = v.Langs[0]
	}
	return e
}

// readEdit takes the form's fields from a request.
func readEdit(form url.Values) edit {
	e := make(edit, len(editFields))
	for _, f := range editFields {
		e[f] = strings.TrimSpace(strings.ReplaceAll(form.Get(f), "\r\n", "\n"))
	}
	return e
}

// standing is a state with its reason as one choice of the form.
func standing(s roll.State, r roll.Reason) string { return string(s) + "/" + string(r) }

// standings are what a registration may be or become.
func standings(v *roll.Voter) (out []string) {
	out = append(out, standing(v.State, v.Reason))
	for _, state := range []roll.State{roll.Active, roll.Pending, roll.PreRegistered, roll.Inactive, roll.Challenged, roll.Denied, roll.Cancelled} {
		for _, why := range roll.Next(v.State)[state] {
			if one := standing(state, why); !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

// longest is how long a field of the form may be.
const longest = 500

// changed are the fields in which the form differs from a voter.
func (e edit) changed(v *roll.Voter) (fields []string) {
	was := editOf(v)
	for _, f := range editFields {
		if e[f] == was[f] {
			continue
		}
		if f == "city" || f == "zip" {
			f = "home" // the residence is read from its three fields at once
		}
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// apply makes of a voter what was typed in some fields, and says which of them
// cannot be used.
func (e edit) apply(v *roll.Voter, fields []string, from election.Date) error {
	var wrong []error
	was := v.Name
	for _, f := range fields {
		if len(e[f]) > longest || f == "home" && len(e["city"])+len(e["zip"]) > longest {
			wrong = append(wrong, fault.On(f, fault.New(fault.Invalid, "This is longer than %d letters.", longest)))
			continue
		}
		if err := e.set(f, v, from); err != nil {
			if all := fault.All(err); all[0].Field == "" {
				err = fault.On(f, err)
			}
			wrong = append(wrong, err)
		}
	}
	if was.Last != "" && was.Last != v.Name.Last {
		v.Former = append(v.Former, was) // people are found by earlier names
	}
	if v.Name.Last == "" && v.Name.First == "" && v.Name.Full == "" {
		wrong = append(wrong, fault.On("last", fault.New(fault.Invalid, "The voter has no name.")))
	}
	return errors.Join(wrong...)
}

func (e edit) set(field string, v *roll.Voter, from election.Date) error {
	value := e[field]
	switch field {
	case "first", "middle", "last", "suffix":
		*map[string]*string{"first": &v.Name.First, "middle": &v.Name.Middle, "last": &v.Name.Last, "suffix": &v.Name.Suffix}[field] = value
	case "birth":
		if _, err := time.Parse(time.DateOnly, value); err != nil || value < "1880-01-01" || value > string(from) {
			return fault.New(fault.Invalid, "%q is no birth date; write it as 1980-02-29.", value)
		}
		v.Birth = election.Date(value)
	case "home":
		return e.setHome(v)
	case "mail":
		v.Mail = nil
		if value != "" {
			v.Mail = &roll.Address{Lines: strings.Split(value, "\n")}
		}
	case "phone", "email":
		v.Contact = slices.DeleteFunc(v.Contact, func(c roll.Contact) bool { return c.Kind == field })
		if field == "email" && value != "" && !strings.Contains(strings.Trim(value, "@"), "@") {
			return fault.New(fault.Invalid, "%q is no e-mail address.", value)
		}
		if value != "" {
			v.Contact = append(v.Contact, roll.Contact{Kind: field, Value: value})
		}
	case "party":
		v.Party = election.PartyID(value)
	case "language":
		v.Langs = nil
		if value != "" {
			v.Langs = []string{value}
		}
	case "protected":
		v.Protected = value
	case "standing":
		state, why, _ := strings.Cut(value, "/")
		if !roll.May(v.State, roll.State(state), roll.Reason(why)) {
			return fault.New(fault.Invalid, "A registration that is %s cannot become %s for this reason.", v.State, state)
		}
		if roll.State(state) != v.State {
			v.Since = from
		}
		v.State, v.Reason = roll.State(state), roll.Reason(why)
	}
	return nil
}

// setHome reads the residence from its three fields.
func (e edit) setHome(v *roll.Voter) error {
	if e["home"] == "" {
		if v.Protected != "" || e["protected"] != "" {
			return nil
		}
		return fault.New(fault.Invalid, "Say where the voter lives.")
	}
	r := place.Read(e["home"])
	a := r.Address
	if r.Kind == place.Unread {
		a = roll.Address{Directions: e["home"]}
	}
	a.City, a.ZIP, a.State = e["city"], e["zip"], v.Home.State
	read := place.Normal(a)
	for _, p := range read.Problems {
		if p.Field == "zip" {
			return fault.On("zip", fault.New(fault.Invalid, "%q is no ZIP code.", e["zip"]))
		}
	}
	v.Home = read.Address
	return nil
}

// Edit changes a voter as a clerk typed it. Where the residence changed, the
// precinct is found anew; unsure says that it could not be and stays.
func (s *Registry) Edit(ctx context.Context, id roll.ID, e edit, c Change) (unsure bool, err error) {
	base, err := s.AsOf(ctx, id, c.From, time.Time{})
	if fault.KindOf(err) == fault.NotFound {
		base, err = s.Voter(ctx, id) // it begins earlier than it did
	}
	if err != nil {
		return false, err
	}
	fields := e.changed(&base.Voter)
	if len(fields) == 0 {
		return false, fault.New(fault.Invalid, "Nothing was changed.")
	}
	err = s.Revise(ctx, id, c, func(v *roll.Voter) error {
		if err := e.apply(v, fields, c.From); err != nil || !slices.Contains(fields, "home") {
			return err
		}
		at, err := s.Place(ctx, v.Home)
		if err != nil {
			return err
		}
		if unsure = at.Unit == "" || at.Confidence <= place.Unsure; !unsure {
			v.Precinct, v.Districts = at.Unit, at.Districts
		}
		return nil
	})
	return unsure, err
}
