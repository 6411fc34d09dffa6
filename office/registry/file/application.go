// SPDX-License-Identifier: Apache-2.0

package file

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/vri"
	"hustings/office/registry/roll"
)

// Application takes a record over as an application to the roll, with the
// picture of the signature that came with it; nil for none.
func Application(r *Record) (a roll.Application, signature []byte) {
	a = roll.Application{Asks: roll.ToRegister, Voter: r.Voter, Transaction: r.Transaction}
	if len(r.Voter.Langs) > 0 {
		a.Language = r.Voter.Langs[0]
	}
	if len(r.Voter.Former) > 0 {
		a.Was.Name = &r.Voter.Former[0]
	}
	if r.Request != nil {
		signature = fromRequest(r, &a)
	}
	return a, signature
}

// fromRequest takes over what a request says besides the voter.
func fromRequest(r *Record, a *roll.Application) (signature []byte) {
	q := r.Request
	a.Asks, a.Form = asked(q), q.Form
	if q.Form == "other" {
		a.Form = q.OtherForm
	}
	if p := q.RequestProxy; p != nil {
		if slices.Contains(vri.Codes("RequestProxyType"), p.Type) && p.Type != "other" {
			a.Voter.Source = roll.Source(p.Type) // who took it, whatever wire it came by
		}
		a.Delivered = dayOf(p.TimeStamp)
	}
	var lines []string
	for _, i := range q.AdditionalInfo {
		lines = append(lines, strings.TrimSpace(i.Name+": "+i.StringValue))
	}
	a.Remarks = strings.Join(lines, "\n")
	if q.Subject == nil {
		return nil
	}
	if home := q.Subject.PreviousResidenceAddress; home != nil {
		rd := reader{Source: &Source{Dropped: map[string]int{}}}
		was := rd.address(home)
		a.Was.Home = &was
	}
	if s := q.Subject.Signature; s != nil {
		a.Signed = dayOf(s.Date)
		if s.FileValue != nil {
			signature = picture(s.FileValue.Data)
		}
	}
	return signature
}

// asked is what a request asks of the roll. Who asks for ballots alone asks for
// a change of their wishes.
func asked(q *vri.VoterRecordsRequest) roll.Ask {
	other := strings.ToLower(q.OtherType)
	switch {
	case strings.Contains(other, "cancel"):
		return roll.ToCancel
	case slices.Contains(q.Type, "registration"):
		return roll.ToRegister
	case slices.Contains(q.Type, "ballot-request"):
		return roll.ToUpdate
	case slices.Contains(q.Type, "lookup"):
		return roll.Ask("lookup")
	}
	return roll.Ask("other")
}

// dayOf is a date of the calendar; "" for what is none.
func dayOf(s string) election.Date {
	day, _ := vri.Day(s)
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return ""
	}
	return election.Date(day)
}

// largest is how many bytes a picture of a signature may have.
const largest = 1 << 20

// picture reads base64, with the line ends that XML has in it.
func picture(text string) []byte {
	text = strings.Join(strings.Fields(text), "")
	if len(text) > largest*4/3 {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}
