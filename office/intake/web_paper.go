// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/format/vri"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/office/registry/roll"
)

// paperView is the page where scans are handed in.
type paperView struct {
	waiting []Application
	drives  []Drive
	wrong   string
}

func (s *Intake) showPaper(w http.ResponseWriter, r *http.Request) error {
	return s.paperPage(w, r, nil)
}

func (s *Intake) paperPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx, p := r.Context(), web.Words(r.Context())
	var v paperView
	var err error
	if v.waiting, err = s.Waiting(ctx, Filter{Step: Entering}); err != nil {
		return err
	}
	if v.drives, err = s.Drives(ctx); err != nil {
		return err
	}
	status := 0
	if wrong != nil {
		v.wrong, status = p.Sentence(wrong), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.paper"), Wide: true, Status: status, Body: paperPage(p, v)})
}

func (s *Intake) savePaper(w http.ResponseWriter, r *http.Request) error {
	var scans []Scan
	fields := url.Values{}
	for part, err := range web.Parts(r) {
		if err != nil {
			return err
		}
		body, err := io.ReadAll(io.LimitReader(part, largestScan+1))
		switch {
		case err != nil:
			return fault.Wrap(fault.Invalid, err, "The form could not be read.")
		case part.FormName() == "file" && part.FileName() != "":
			scans = append(scans, Scan{part.FileName(), body})
		case part.FormName() != "file" && len(body) < 200:
			fields.Set(part.FormName(), string(body))
		}
		if len(scans) > mostScans {
			break
		}
	}
	source := roll.Source(fields.Get("source"))
	if !slices.Contains(paperSources, source) {
		source = roll.ByMail
	}
	ids, err := s.Scanned(r.Context(), scans, fields.Get("one") != "", source, strings.TrimSpace(fields.Get("drive")))
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.TooLarge {
		return s.paperPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, pathOf(ids[0])+"/form", "intake.said.scanned", "n", strconv.Itoa(len(ids)))
}

// paperSources are the ways in which paper comes.
var paperSources = []roll.Source{roll.ByMail, roll.AtOffice, roll.Drive, roll.ByFax, roll.ByEmail, roll.MotorVehicles, roll.Assistance, roll.Disability, roll.Recruitment, roll.OtherAgency}

// entryView is the page on which a form is typed in beside its picture.
type entryView struct {
	Application
	f             url.Values // the fields as they were typed
	wrong         []*fault.Error
	pictures      []Picture
	before, after ID
}

func (s *Intake) showEntry(w http.ResponseWriter, r *http.Request) error {
	a, err := s.onPaper(r)
	if err != nil {
		return err
	}
	if err := ledger.Saw(r.Context(), s.DB, event.RecordsRead{Kind: "application", Records: []string{string(a.ID)}, Why: "an application to the roll"}); err != nil {
		return err
	}
	return s.entryPage(w, r, a, fieldsOf(&a), nil)
}

func (s *Intake) entryPage(w http.ResponseWriter, r *http.Request, a Application, f url.Values, wrong error) (err error) {
	ctx, p := r.Context(), web.Words(r.Context())
	v := entryView{Application: a, f: f, wrong: fault.All(wrong)}
	if v.pictures, err = s.Pictures(ctx, a.ID); err != nil {
		return err
	}
	if v.before, v.after, err = s.neighbours(ctx, &a); err != nil {
		return err
	}
	status := 0
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.entry"), Wide: true, Status: status, Body: entryPage(p, v)})
}

func (s *Intake) saveEntry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	old, err := s.onPaper(r)
	if err != nil {
		return err
	}
	f := r.PostForm
	a, err := readFields(f, old.Application)
	if err == nil {
		version, _ := strconv.ParseInt(f.Get("version"), 10, 64)
		err = s.Entered(ctx, old.ID, version, a)
	}
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return s.entryPage(w, r, old, f, err)
	}
	if err != nil {
		return err
	}
	to := pathOf(old.ID)
	if f.Get("then") == "next" {
		_, after, err := s.neighbours(ctx, &old)
		if err != nil {
			return err
		}
		if to = "/intake/paper"; after != "" {
			to = pathOf(after) + "/form"
		}
	}
	return web.Done(w, r, to, "intake.said.entered")
}

// fieldsOf are the fields of the form for an application.
func fieldsOf(a *Application) url.Values {
	v := &a.Voter
	f := url.Values{}
	mail := roll.Address{}
	if v.Mail != nil {
		mail = *v.Mail
	}
	for name, value := range map[string]string{
		"asks": string(a.Asks), "form": a.Form, "source": string(v.Source), "postmark": string(cmp.Or(a.Delivered, a.Postmark)), "signed": string(a.Signed), "drive": a.Drive,
		"first": v.Name.First, "middle": v.Name.Middle, "last": v.Name.Last, "suffix": v.Name.Suffix, "full": v.Name.Full, "birth": string(v.Birth),
		"license": v.NumberOf(roll.License).Reveal(), "ssn4": v.NumberOf(roll.SSN4).Reveal(), "voter": string(v.ID),
		"line": v.Home.Line(), "city": v.Home.City, "state": v.Home.State, "zip": v.Home.ZIP,
		"mail_line": mail.Line(), "mail_city": mail.City, "mail_state": mail.State, "mail_zip": mail.ZIP,
		"party": string(v.Party), "citizen": asserts(v, citizen), "language": a.Language, "remarks": a.Remarks,
	} {
		f.Set(name, value)
	}
	for _, c := range v.Contact {
		f.Set(c.Kind, c.Value)
	}
	if len(v.Wishes) > 0 && len(v.Wishes[0].How) > 0 {
		f.Set("ballot", v.Wishes[0].How[0])
	}
	for _, i := range v.Identifiers {
		if i.None {
			f.Set("none", "yes")
		}
	}
	return f
}

// readFields reads the form. What the page does not ask stays as it was.
func readFields(f url.Values, old roll.Application) (a roll.Application, err error) {
	a = old
	v := &a.Voter
	for name := range f {
		f.Set(name, strings.TrimSpace(f.Get(name)))
		if len(f.Get(name)) > longestField[name]+longestOther {
			return a, fault.On(name, fault.New(fault.Invalid, "This is longer than %d letters.", longestField[name]+longestOther))
		}
	}
	day := func(name string) (d election.Date) {
		text := f.Get(name)
		read, _ := vri.Day(text)
		if d = election.Date(read); text != "" && !isDay(d) {
			err = errors.Join(err, fault.On(name, fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", text)))
		}
		return d
	}
	a.Asks, a.Form, a.Drive, a.Language, a.Remarks = roll.Ask(f.Get("asks")), f.Get("form"), f.Get("drive"), f.Get("language"), f.Get("remarks")
	if !slices.Contains(asks, a.Asks) {
		err = errors.Join(err, fault.On("asks", fault.New(fault.Invalid, "Say what the form asks for.")))
	}
	v.Source = roll.Source(f.Get("source"))
	a.Postmark, a.Delivered, a.Signed, v.Birth = day("postmark"), "", day("signed"), day("birth")
	v.Name = roll.Name{First: f.Get("first"), Middle: f.Get("middle"), Last: f.Get("last"), Suffix: f.Get("suffix"), Prefix: v.Name.Prefix, Full: f.Get("full")}
	v.ID, v.Party = roll.ID(f.Get("voter")), election.PartyID(f.Get("party"))
	v.Home, v.Mail = addressFrom(f, ""), nil
	if mail := addressFrom(f, "mail_"); !mail.Empty() {
		v.Mail = &mail
	}
	v.Contact, v.Identifiers, v.Wishes = contactsFrom(f), numbersFrom(f), wishesFrom(f, &a)
	v.Assertions = slices.DeleteFunc(slices.Clone(v.Assertions), func(x roll.Assertion) bool { return x.Kind == citizen })
	if c := f.Get("citizen"); c == "yes" || c == "no" {
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: citizen, Value: c})
	}
	if n := f.Get("ssn4"); n != "" && (len(n) != 4 || strings.Trim(n, "0123456789") != "") {
		err = errors.Join(err, fault.On("ssn4", fault.New(fault.Invalid, "These are not four digits.")))
	}
	return a, err
}

// longestOther is how long a field of a form may be, and longestField those that
// may be longer, by how much.
const longestOther = 120

var longestField = map[string]int{"remarks": 2000, "line": 200, "mail_line": 200}

func addressFrom(f url.Values, prefix string) roll.Address {
	a := roll.ReadLine(f.Get(prefix + "line"))
	a.City, a.State, a.ZIP = f.Get(prefix+"city"), strings.ToUpper(f.Get(prefix+"state")), f.Get(prefix+"zip")
	return a
}

func contactsFrom(f url.Values) (out []roll.Contact) {
	for _, kind := range []string{"email", "phone"} {
		if value := f.Get(kind); value != "" {
			out = append(out, roll.Contact{Kind: kind, Value: value})
		}
	}
	return out
}

func numbersFrom(f url.Values) (out []roll.Identifier) {
	for _, one := range []struct {
		field string
		kind  roll.IdentifierKind
	}{{"license", roll.License}, {"ssn4", roll.SSN4}} {
		switch value := f.Get(one.field); {
		case value != "":
			out = append(out, roll.Identifier{Kind: one.kind, Value: hide.New(value)})
		case f.Get("none") == "yes":
			out = append(out, roll.Identifier{Kind: one.kind, None: true})
		}
	}
	return out
}

func wishesFrom(f url.Values, a *roll.Application) []roll.Wish {
	how := f.Get("ballot")
	if how == "" {
		return nil
	}
	from := a.Counts(time.UTC)
	return []roll.Wish{{How: []string{how}, From: from, Until: endOfYear(from)}}
}
