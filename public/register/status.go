// SPDX-License-Identifier: Apache-2.0

package register

import (
	"net/http"
	"net/url"
	"time"

	"hustings/election"
	"hustings/kit/fault"
)

// answerTime is how long the answer about an application takes at least,
// whatever it is, so that the time says nothing.
const answerTime = 150 * time.Millisecond

// statusView is the page on which people ask where their application stands.
type statusView struct {
	f        *form
	fields   []field
	given    answers
	bad      []wrong
	found    bool
	standing Standing
}

func (s *Register) statusForm(r *http.Request) (statusView, error) {
	f, err := s.form(r, draft{answers: answers{}})
	if err != nil {
		return statusView{}, err
	}
	return statusView{f: f, given: answers{}, fields: []field{
		{name: "receipt", label: f.t("receipt"), hint: f.t("receipt.hint"), most: 40},
		{name: "birth", kind: date, label: f.t("status.birth"), hint: f.t("birth.hint")}}}, nil
}

func (s *Register) showStatus(w http.ResponseWriter, r *http.Request) error {
	v, err := s.statusForm(r)
	if err != nil {
		return err
	}
	return s.show(w, r, 0, s.view(r, v.f.t("status")), statusPage(v))
}

// status looks an application up by receipt number and birth date. Both travel
// in the body, so that neither stands in an address or a log.
func (s *Register) status(w http.ResponseWriter, r *http.Request) error {
	until := time.After(answerTime)
	v, err := s.statusForm(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form cannot be read.")
	}
	status := http.StatusOK
	if v.bad = v.read(r.PostForm); len(v.bad) == 0 {
		v.standing, err = s.Intake.Status(s.somebody(r.Context()), v.given.get("receipt"), election.Date(v.given.get("birth")))
		switch k := fault.KindOf(err); {
		case k == fault.NotFound:
			v.bad = []wrong{{"receipt", v.f.t("status.none")}}
		case err != nil:
			return err
		default:
			v.found = true
		}
	}
	if len(v.bad) > 0 {
		status = http.StatusUnprocessableEntity
	}
	select {
	case <-until:
	case <-r.Context().Done():
		return nil
	}
	return s.show(w, r, status, s.view(r, v.f.t("status")), statusPage(v))
}

// read takes the answers of the form.
func (v *statusView) read(sent url.Values) []wrong {
	q := question{fields: func(*form) []field { return v.fields }, check: checkBirth}
	var bad []wrong
	v.given, bad = v.f.read(&q, sent)
	return bad
}
