// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"strings"

	"hustings/election"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// application is what the answers come to.
func (f *form) application() roll.Application {
	a := roll.Application{Asks: f.asks(), Form: "state", Language: f.get("letters"), Signed: f.today, Was: f.was(),
		Voter: roll.Voter{
			Name:  roll.Name{First: f.get("first"), Middle: f.get("middle"), Last: f.get("last"), Suffix: f.get("suffix")},
			Birth: election.Date(f.get("birth")), Home: f.home(), Party: election.PartyID(f.get("party")), Race: f.get("race"),
			Contact: f.contact(), Identifiers: f.numbers(), Assertions: f.assertions(), Source: roll.ByInternet,
		}}
	if a.Language == "" {
		a.Language = f.p.Lang()
	}
	a.Voter.Langs = []string{a.Language}
	if f.is("mail", "other") {
		mail := roll.ReadLine(f.get("mail-line"))
		if line := f.get("mail-line2"); line != "" {
			mail.Lines = append(mail.Lines, line)
		}
		mail.City, mail.State, mail.ZIP = f.get("mail-city"), f.get("mail-state"), f.get("mail-zip")
		a.Voter.Mail = &mail
	}
	return a
}

// home is the residence, by house and street or as it was told.
func (f *form) home() roll.Address {
	line := f.get("home-line")
	home := roll.ReadLine(line)
	if unit := f.get("home-unit"); unit != "" && home.Unit == "" {
		if with := roll.ReadLine(line + " " + unit); with.Unit != "" && home.Number != "" {
			home = with
		} else {
			home.UnitKind, home.Unit = "#", strings.TrimPrefix(unit, "#")
		}
	}
	home.Directions = f.get("home-told")
	home.City, home.State, home.ZIP = f.get("home-city"), f.rules.State, f.get("home-zip")
	return home
}

// was is what they were registered under before.
func (f *form) was() (was roll.Was) {
	if f.get("was-first") != "" || f.get("was-last") != "" {
		was.Name = &roll.Name{First: f.get("was-first"), Last: f.get("was-last")}
	}
	if line := f.get("was-line"); line != "" {
		home := roll.ReadLine(line)
		home.City, home.State, home.ZIP = f.get("was-city"), f.get("was-state"), f.get("was-zip")
		was.Home = &home
	}
	return was
}

func (f *form) contact() (list []roll.Contact) {
	if v := f.get("email"); v != "" {
		list = append(list, roll.Contact{Kind: "email", Value: v})
	}
	if v := f.get("phone"); v != "" {
		list = append(list, roll.Contact{Kind: "phone", Value: v, Texts: f.is("texts-yes", "yes")})
	}
	return list
}

// numbers are the identifiers that were given, or the word that there are none.
func (f *form) numbers() []roll.Identifier {
	switch f.get("number") {
	case "licence":
		return []roll.Identifier{{Kind: roll.License, Value: hide.New(f.get("licence"))}}
	case "ssn4":
		return []roll.Identifier{{Kind: roll.License, None: true}, {Kind: roll.SSN4, Value: hide.New(f.get("ssn4"))}}
	}
	return []roll.Identifier{{Kind: roll.License, None: true}, {Kind: roll.SSN4, None: true}}
}

// signatureOnFile is what somebody says who wants the signature of their
// licence used; SP 1500-102 has no word for it but Other.
const signatureOnFile = "signature-of-licence"

// assertions are what they affirmed, one by one.
func (f *form) assertions() (list []roll.Assertion) {
	if !f.cancels() {
		for _, s := range f.rules.Statements {
			list = append(list, roll.Assertion{Kind: s.ID, Value: cmp.Or(s.Value, "yes")})
		}
	}
	if f.is("sign", "licence") {
		list = append(list, roll.Assertion{Kind: signatureOnFile, Value: "yes"})
	}
	return list
}
