// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
)

// form is what the questions depend on: what was answered, and whose rules hold
// today.
type form struct {
	answers
	rules   *rules.Rules
	today   election.Date
	next    []election.Date // days of elections to come
	p       *words.Printer
	letters []words.Language // in which the office writes
}

// asks is what the form comes to.
func (f *form) asks() roll.Ask {
	want := roll.Ask(f.get("want"))
	if want != roll.ToRegister {
		return want
	}
	if e, ok := f.rules.Eligible(election.Date(f.get("birth")), f.today, f.next); ok && e.May == roll.ToPreRegister {
		return roll.ToPreRegister
	}
	return want
}

func (f *form) registers() bool { return f.is("want", string(roll.ToRegister)) }
func (f *form) cancels() bool   { return f.is("want", string(roll.ToCancel)) }

// changes says whether this is a change of one of the parts of a registration.
func (f *form) changes(part string) bool {
	return f.is("want", string(roll.ToUpdate)) && f.is("what-"+part, "yes")
}

// question is one page of the form.
type question struct {
	id     string
	needed func(*form) bool
	fields func(*form) []field
	check  func(f *form, given answers) []wrong // beyond what each field checks; may set given
	stop   func(f *form) string                 // after the answer: why there is nothing more to ask
	intro  bool                                 // there is a paragraph below the heading
}

// kind is how a field is asked for.
type kind int

const (
	text kind = iota
	radios
	checks
	date
	area
	files
)

// field is one answer of a question.
type field struct {
	name     string
	kind     kind
	label    string // says what is asked; "" where the page's heading does
	hint     string
	options  []option
	optional bool
	most     int    // letters
	auto     string // what a browser may fill in, as HTML's autocomplete names it
	mode     string // inputmode: numeric, email, tel
	under    string // shown below this option of the question's radios, and asked only with it
	narrow   bool
}

// option is one of the answers to choose from.
type option struct{ value, label, hint string }

// wrong is what is wrong with a field.
type wrong struct{ field, say string }

func always(*form) bool { return true }

// questions are all that may be asked, in their order.
var questions = []question{
	{id: "want", needed: always, fields: wantFields},
	{id: "what", needed: func(f *form) bool { return f.is("want", string(roll.ToUpdate)) }, fields: whatFields, check: checkWhat},
	{id: "citizen", needed: (*form).registers, fields: yesNo("citizen"), stop: stopOn("citizen", "no", "citizen")},
	{id: "where", needed: func(f *form) bool { return !f.cancels() }, fields: whereFields, stop: stopOn("where", "abroad", "abroad")},
	{id: "safe", needed: func(f *form) bool { return f.registers() || f.changes("address") }, intro: true, fields: yesNo("safe"), stop: stopOn("safe", "yes", "protected")},
	{id: "birth", needed: always, fields: birthFields, check: checkBirth, stop: stopYoung},
	{id: "number", needed: always, fields: numberFields, check: checkNumber, stop: stopNumber},
	{id: "name", needed: always, fields: nameFields},
	{id: "before", needed: func(f *form) bool { return f.registers() || f.changes("name") || f.changes("address") }, fields: beforeFields, check: checkBefore},
	{id: "home", needed: always, intro: true, fields: homeFields, check: checkHome},
	{id: "mail", needed: func(f *form) bool { return f.registers() || f.changes("address") }, fields: mailFields, check: checkMail},
	{id: "contact", needed: always, intro: true, fields: contactFields, check: checkContact},
	{id: "party", needed: func(f *form) bool { return f.rules.Parties != nil && (f.registers() || f.changes("party")) }, intro: true, fields: partyFields},
	{id: "race", needed: func(f *form) bool { return f.rules.Races != nil && f.registers() }, intro: true, fields: raceFields},
	{id: "letters", needed: func(f *form) bool { return len(f.letters) > 1 && !f.cancels() }, fields: letterFields},
	{id: "sign", needed: func(f *form) bool { return len(f.rules.Online.Signature) > 0 && !f.cancels() }, intro: true, fields: signFields},
	{id: "affirm", needed: always, intro: true, fields: affirmFields, check: checkAffirm},
}

// find is a question by its id, nil for none.
func find(id string) *question {
	i := slices.IndexFunc(questions, func(q question) bool { return q.id == id })
	if i < 0 {
		return nil
	}
	return &questions[i]
}

// asked says whether a question was answered.
func (f *form) asked(q *question) bool { return f.is("asked-"+q.id, "yes") }

// missing is the first question that needs an answer, nil when all have one.
func (f *form) missing() *question {
	for i := range questions {
		if q := &questions[i]; q.needed(f) && !f.asked(q) {
			return q
		}
	}
	return nil
}

// reached says whether somebody may look at a question: all before it have
// their answers.
func (f *form) reached(q *question) bool {
	for i := range questions {
		switch one := &questions[i]; {
		case one == q:
			return q.needed(f)
		case one.needed(f) && !f.asked(one):
			return false
		}
	}
	return false
}

// beforeIt is the question before one, nil for the first.
func (f *form) beforeIt(q *question) (before *question) {
	for i := range questions {
		one := &questions[i]
		if one == q {
			return before
		}
		if one.needed(f) {
			before = one
		}
	}
	return nil
}

// progress says which of how many questions one is, as far as that is known.
func (f *form) progress(q *question) (n, of int) {
	for i := range questions {
		if one := &questions[i]; one.needed(f) || one == q {
			of++
			if one == q {
				n = of
			}
		}
	}
	if f.get("want") == "" { // the most that people are asked
		of = len(questions) - 2
	}
	return n, of
}

// t says a sentence of the room.
func (f *form) t(key string, kv ...any) string { return f.p.T("register."+key, kv...) }

// choose makes options of words: register.want.register and its hint, where
// there is one.
func (f *form) choose(name string, values ...string) []option {
	out := make([]option, len(values))
	for i, v := range values {
		out[i] = option{value: v, label: f.t(name + "." + v)}
		if hint := "register." + name + "." + v + ".hint"; f.p.Has(hint) {
			out[i].hint = f.p.T(hint)
		}
	}
	return out
}

func wantFields(f *form) []field {
	return []field{{name: "want", kind: radios, options: f.choose("want", string(roll.ToRegister), string(roll.ToUpdate), string(roll.ToCancel))}}
}

var parts = []string{"address", "name", "party", "contact", "signature"}

func whatFields(f *form) []field {
	list := parts
	if f.rules.Parties == nil {
		list = slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "party" })
	}
	return []field{{name: "what", kind: checks, options: f.choose("what", list...)}}
}

func yesNo(name string) func(*form) []field {
	return func(f *form) []field {
		return []field{{name: name, kind: radios, options: []option{{value: "yes", label: f.t("yes")}, {value: "no", label: f.t("no")}}}}
	}
}

func whereFields(f *form) []field {
	return []field{{name: "where", kind: radios, options: []option{
		{value: "here", label: f.t("where.here", "state", f.p.Text(f.rules.Name))},
		{value: "abroad", label: f.t("where.abroad"), hint: f.t("where.abroad.hint")}}}}
}

func birthFields(f *form) []field {
	return []field{{name: "birth", kind: date, hint: f.t("birth.hint")}}
}

func numberFields(f *form) []field {
	web := &f.rules.Online
	list := []field{{name: "number", kind: radios}}
	ask := func(value string, fields ...field) {
		list[0].options = append(list[0].options, f.choose("number", value)...)
		list = append(list, fields...)
	}
	ask("licence", field{name: "licence", label: f.t("licence"), hint: f.p.Text(f.rules.Licence.Shape), most: 30, under: "licence"})
	if web.Takes(roll.SSN4) {
		ask("ssn4", field{name: "ssn4", label: f.t("ssn4"), most: 4, mode: "numeric", under: "ssn4", narrow: true})
	}
	ask("none")
	return list
}

func nameFields(f *form) []field {
	return []field{
		{name: "first", label: f.t("name.first"), optional: true, most: 60, auto: "given-name"},
		{name: "middle", label: f.t("name.middle"), optional: true, most: 60, auto: "additional-name"},
		{name: "last", label: f.t("name.last"), most: 80, auto: "family-name"},
		{name: "suffix", label: f.t("name.suffix"), hint: f.t("name.suffix.hint"), optional: true, most: 10, auto: "honorific-suffix", narrow: true},
	}
}

func beforeFields(f *form) []field {
	list := []field{{name: "before", kind: radios, options: []option{{value: "no", label: f.t("no")}, {value: "yes", label: f.t("yes")}}}}
	return append(list,
		field{name: "was-first", label: f.t("was-first"), optional: true, most: 60, under: "yes"},
		field{name: "was-last", label: f.t("was-last"), optional: true, most: 80, under: "yes"},
		field{name: "was-line", label: f.t("was-line"), optional: true, most: 120, under: "yes"},
		field{name: "was-city", label: f.t("was-city"), optional: true, most: 60, under: "yes"},
		field{name: "was-state", label: f.t("was-state"), hint: f.t("state.hint"), optional: true, most: 2, under: "yes", narrow: true},
		field{name: "was-zip", label: f.t("was-zip"), optional: true, most: 10, under: "yes", mode: "numeric", narrow: true})
}

func homeFields(f *form) []field {
	return []field{
		{name: "home-line", label: f.t("line"), hint: f.t("line.hint"), optional: true, most: 120, auto: "address-line1"},
		{name: "home-unit", label: f.t("unit"), optional: true, most: 20, auto: "address-line2", narrow: true},
		{name: "home-city", label: f.t("city"), most: 60, auto: "address-level2"},
		{name: "home-zip", label: f.t("zip"), most: 10, mode: "numeric", auto: "postal-code", narrow: true},
		{name: "home-told", kind: area, label: f.t("told"), hint: f.t("told.hint"), optional: true, most: 400},
	}
}

func mailFields(f *form) []field {
	return []field{
		{name: "mail", kind: radios, options: f.choose("mail", "same", "other")},
		{name: "mail-line", label: f.t("mail-line"), optional: true, most: 120, under: "other"},
		{name: "mail-line2", label: f.t("mail-line2"), optional: true, most: 120, under: "other"},
		{name: "mail-city", label: f.t("mail-city"), optional: true, most: 60, under: "other"},
		{name: "mail-state", label: f.t("mail-state"), hint: f.t("state.hint"), optional: true, most: 2, under: "other", narrow: true},
		{name: "mail-zip", label: f.t("mail-zip"), optional: true, most: 10, mode: "numeric", under: "other", narrow: true},
	}
}

func contactFields(f *form) []field {
	return []field{
		{name: "email", label: f.t("email"), hint: f.t("email.hint"), optional: true, most: 200, auto: "email", mode: "email"},
		{name: "phone", label: f.t("phone"), optional: true, most: 30, auto: "tel", mode: "tel"},
		{name: "texts", kind: checks, optional: true, options: f.choose("texts", "yes")},
	}
}

// listed are the options of a state's own list.
func (f *form) listed(q *rules.Question) []option {
	out := make([]option, len(q.Choices))
	for i, c := range q.Choices {
		out[i] = option{value: c.Code, label: f.p.Text(c.Name)}
	}
	return out
}

func partyFields(f *form) []field {
	return []field{{name: "party", kind: radios, options: f.listed(f.rules.Parties), optional: !f.rules.Parties.Required}}
}

func raceFields(f *form) []field {
	return []field{{name: "race", kind: radios, options: f.listed(f.rules.Races), optional: !f.rules.Races.Required}}
}

func letterFields(f *form) []field {
	fd := field{name: "letters", kind: radios}
	for _, l := range f.letters {
		fd.options = append(fd.options, option{value: l.Tag, label: l.Endonym})
	}
	return []field{fd}
}

// signatures are where the signature may come from, for this person.
func (f *form) signatures() (list []string) {
	for _, from := range f.rules.Online.Signature {
		if from != rules.FromLicence || f.is("number", "licence") {
			list = append(list, string(from))
		}
	}
	return list
}

func signFields(f *form) []field {
	return []field{{name: "sign", kind: radios, options: f.choose("sign", f.signatures()...)},
		{name: "picture", kind: files, label: f.t("picture"), hint: f.t("picture.hint"), under: string(rules.Uploaded)}}
}

func affirmFields(f *form) []field {
	fd := field{name: "affirm", kind: checks}
	if f.cancels() {
		fd.options = []option{{value: "end", label: f.t("affirm.end", "state", f.p.Text(f.rules.Name))}}
		return []field{fd}
	}
	for _, s := range f.rules.Statements {
		fd.options = append(fd.options, option{value: s.ID, label: f.p.Text(s.Text)})
	}
	return []field{fd}
}
