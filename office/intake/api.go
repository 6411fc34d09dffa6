// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"hustings/format/sheet"
	"hustings/format/vri"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

// Programs of agencies hand in applications as messages of NIST SP 1500-102, in
// JSON or XML, and ask what became of them:
//
//	POST /api/registry/applications           VoterRecordsRequest -> RequestAcknowledgement
//	GET  /api/registry/applications/{number}  RequestAcknowledgement, RequestSuccess or RequestRejection
//
// The same TransactionId of a sender again is the same application. What is
// lenient coming in is strict going out: an answer is valid against the schema.

// largestMessage is how many bytes a message may have, with a signature in it.
const largestMessage = 4 << 20

func (s *Intake) apiRoutes() []web.Route {
	return []web.Route{
		{Pattern: "POST /api/registry/applications", Needs: mayLoad, MaxBody: largestMessage, Do: s.take, Fault: answerFault},
		{Pattern: "GET /api/registry/applications/{transaction}", Needs: mayLoad, Do: s.tell, Fault: answerFault},
	}
}

// take accepts the message of a program.
func (s *Intake) take(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The message could not be read to its end.")
	}
	kept, as, err := s.Send(r.Context(), body, r.Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/registry/applications/"+kept.Transaction)
	return answer(w, as, http.StatusAccepted, vri.Message{Acknowledgement: &vri.RequestAcknowledgement{TransactionId: kept.Transaction}})
}

// Send accepts a message of the program that acts. key tells messages apart that
// have no TransactionId; a sender that numbers nothing cannot repeat itself.
func (s *Intake) Send(ctx context.Context, body []byte, key string) (kept Application, as vri.Spelling, err error) {
	rec, as, err := readMessage(body)
	if err != nil {
		return kept, as, err
	}
	a, signature := file.Application(rec)
	in := arrival{key: "api:" + me(ctx) + ":" + cmp.Or(a.Transaction, key, id.New()), sender: me(ctx), step: Accepted, app: a, pictures: []newPicture{{messagePicture, mediaOf(as), body}}}
	if len(in.key) > longestKey-4 {
		return kept, as, fault.On("TransactionId", fault.New(fault.Invalid, "The number of the request is longer than %d letters.", longestKey-len("api:")-len(me(ctx))-5))
	}
	if len(signature) > 0 {
		in.pictures = append(in.pictures, newPicture{signaturePicture, http.DetectContentType(signature), signature})
	}
	if in.app.Transaction == "" {
		in.app.Transaction = id.New() // by which the sender asks about it
	}
	kept, err = s.acceptMessage(ctx, in)
	return kept, as, err
}

// acceptMessage accepts the message of a program. Some senders give one number
// to several people; a message that says something else than the one before with
// its number is an application of its own, so that nobody is lost.
func (s *Intake) acceptMessage(ctx context.Context, in arrival) (Application, error) {
	for key, n := in.key, 2; ; n++ {
		app, _, err := s.accept(ctx, in)
		if err != nil {
			return Application{}, err
		}
		_, before, err := s.OpenPicture(ctx, app, messagePicture)
		if err != nil {
			return Application{}, err
		}
		if bytes.Equal(before, in.pictures[0].body) {
			return s.find(ctx, s.DB, app)
		}
		if n > mostAlike {
			return Application{}, fault.On("TransactionId", fault.New(fault.Conflict, "%d different requests have this number already. Give each a number of its own.", mostAlike))
		}
		in.key = fmt.Sprintf("%s #%d", key, n)
	}
}

// mostAlike is how many different messages may have one number.
const mostAlike = 20

// readMessage reads the one request of a message.
func readMessage(body []byte) (*file.Record, vri.Spelling, error) {
	as := vri.JSON
	if t := bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n"); len(t) > 0 && t[0] == '<' {
		as = vri.XML
	}
	if !vri.Looks(body[:min(len(body), 64<<10)]) {
		return nil, as, fault.New(fault.Invalid, "This is no message of NIST SP 1500-102, neither in JSON nor in XML.")
	}
	lim := sheet.Limits{Bytes: largestMessage, Unpacked: largestMessage, Rows: 1000, Cell: 64 << 10, Line: largestMessage, Problems: 100}
	var rec *file.Record
	_, err := file.Read("request", bytes.NewReader(body), file.Options{Limits: lim}, func(r *file.Record) error {
		if rec != nil || r.Request == nil {
			return fault.New(fault.Invalid, "Send one VoterRecordsRequest at a time; a file of several is loaded as a file.")
		}
		one := *r
		rec = &one
		return nil
	})
	switch {
	case fault.KindOf(err) == fault.Invalid:
		return nil, as, err
	case err != nil:
		return nil, as, fault.Wrap(fault.Invalid, err, "The message cannot be read: it is damaged or not complete.")
	case rec == nil:
		return nil, as, fault.New(fault.Invalid, "There is no VoterRecordsRequest in the message.")
	}
	return rec, as, nil
}

func mediaOf(as vri.Spelling) string {
	if as == vri.XML {
		return "application/xml"
	}
	return "application/json"
}

// answer writes a message of the standard.
func answer(w http.ResponseWriter, as vri.Spelling, status int, m vri.Message) error {
	var out bytes.Buffer
	if err := vri.Write(&out, as, m); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaOf(as)+"; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(out.Bytes())
	return err
}

// wanted is the spelling that a request is answered in.
func wanted(r *http.Request) vri.Spelling {
	if strings.Contains(r.Header.Get("Accept"), "xml") || r.Header.Get("Accept") == "" && strings.Contains(r.Header.Get("Content-Type"), "xml") {
		return vri.XML
	}
	return vri.JSON
}

// answerFault answers what cannot be accepted as a rejection of the standard.
func answerFault(w http.ResponseWriter, r *http.Request, status int, err error) {
	e := vri.Error{Name: "other", OtherError: string(fault.KindOf(err))}
	if fault.KindOf(err) == fault.Invalid {
		e = vri.Error{Name: "invalid-form"}
		if all := fault.All(err); len(all) > 0 {
			e.Ref = all[0].Field
		}
	}
	m := vri.Message{Rejection: &vri.RequestRejection{TransactionId: r.PathValue("transaction"), Error: []vri.Error{e}, AdditionalDetails: []string{fault.Sentence(err)}}}
	if err := answer(w, wanted(r), status, m); err != nil {
		http.Error(w, fault.Apology, http.StatusInternalServerError)
	}
}

// tell says what became of an application of the program that asks.
func (s *Intake) tell(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var a sealedApplication
	err := s.DB.QueryRowContext(ctx, `select `+applicationRow+` from intake_application where jurisdiction = $1 and sender = $2 and transaction_id = $3
		order by id desc limit 1`,
		s.Jurisdiction, me(ctx), r.PathValue("transaction")).Scan(a.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoApplication
	}
	if err != nil {
		return err
	}
	app, err := s.open(ctx, s.DB, &a, false)
	if err != nil {
		return err
	}
	m, err := s.messageOf(ctx, &app, web.Words(ctx))
	if err != nil {
		return err
	}
	return answer(w, wanted(r), http.StatusOK, m)
}

// messageOf is what the standard says of an application.
func (s *Intake) messageOf(ctx context.Context, a *Application, p *words.Printer) (m vri.Message, err error) {
	switch {
	case a.Step != Ended:
		m.Acknowledgement = &vri.RequestAcknowledgement{TransactionId: a.Transaction}
	case a.Outcome == roll.Lacking || a.Outcome == roll.Rejected:
		m.Rejection = &vri.RequestRejection{TransactionId: a.Transaction, Error: errorsOf(a), AdditionalDetails: []string{p.T("intake.reason." + string(a.Reason))}}
	default:
		m.Success, err = s.success(ctx, a)
	}
	return m, err
}

// refs are the parts of a request that something can be missing in.
var refs = map[string]string{"name": "Subject/Name", "birth": "Subject/DateOfBirth", "home": "Subject/ResidenceAddress", "citizen": "Subject/VoterClassification",
	"signature": "Subject/Signature", "number": "Subject/VoterId", "other": "Subject"}

// errorsOf are the errors of the standard for what is wrong with an application.
func errorsOf(a *Application) []vri.Error {
	var out []vri.Error
	for _, m := range a.Missing {
		out = append(out, vri.Error{Name: "incomplete", Ref: refs[m]})
	}
	if len(out) > 0 {
		return out
	}
	switch a.Reason {
	case NotOnRoll:
		return []vri.Error{{Name: "identity-lookup-failed", Ref: "Subject"}}
	case NoForm, Unreadable:
		return []vri.Error{{Name: "invalid-form"}}
	case AsksOther:
		return []vri.Error{{Name: "other", OtherError: string(a.Reason), Ref: "Type"}}
	case NotOurs:
		return []vri.Error{{Name: "ineligible", Ref: refs["home"]}}
	case Withdrawn:
		return []vri.Error{{Name: "other", OtherError: string(a.Reason)}}
	case UnderAge:
		return []vri.Error{{Name: "ineligible", Ref: refs["birth"]}}
	}
	return []vri.Error{{Name: "ineligible", Ref: refs["citizen"]}}
}

// success is what the standard says of a registration that was made or changed.
func (s *Intake) success(ctx context.Context, a *Application) (*vri.RequestSuccess, error) {
	out := &vri.RequestSuccess{TransactionId: a.Transaction, EffectiveDate: string(a.CountsOn)}
	changed, err := s.changed(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	out.Action = actions(a, changed)
	v, err := s.People.Voter(ctx, a.VoterID)
	if err != nil {
		return nil, err
	}
	if v.Precinct != "" {
		out.Locality = append(out.Locality, vri.ReportingUnit{Name: string(v.Precinct), Type: "precinct"})
	}
	for _, d := range v.Districts {
		out.District = append(out.District, vri.ReportingUnit{Name: string(d), Type: "other", OtherType: "district"})
	}
	return out, nil
}

// actions are the codes of the standard for what was done.
func actions(a *Application, changed []string) []string {
	switch {
	case a.Outcome == roll.Created:
		return []string{"registration-created"}
	case a.Outcome == roll.IsDuplicate:
		return nil
	case a.Asks == roll.ToCancel:
		return []string{"registration-cancelled"}
	}
	out := []string{"registration-updated"}
	for _, part := range changed {
		switch part {
		case "home":
			out = append(out, "address-updated")
		case "name":
			out = append(out, "name-updated")
		}
	}
	return out
}

// changed are the parts of a registration that an application changed, as its
// trail has them.
func (s *Intake) changed(ctx context.Context, app ID) ([]string, error) {
	trail, err := s.Trail(ctx, app)
	if err != nil || len(trail) == 0 {
		return nil, err
	}
	var data struct {
		Changed []string `json:"changed"`
	}
	if last := trail[len(trail)-1]; strings.HasPrefix(last.What, "ended.") {
		err = json.Unmarshal(last.Data, &data)
	}
	return data.Changed, err
}
