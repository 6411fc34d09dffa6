// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"hustings/kit/fault"
	"hustings/kit/web"
)

// scimFault is a fault with what RFC 7644, 3.12 says beside the sentence.
type scimFault struct {
	error
	scimType string
	status   int // 0: as its kind has it
}

func (f scimFault) Unwrap() error { return f.error }

// typed gives a fault a scimType.
func typed(scimType string, err error) error { return scimFault{error: err, scimType: scimType} }

// Statuses that no kind of fault has.
var (
	errVersion = scimFault{error: fault.New(fault.Conflict, "Someone else has changed this in the meantime. Read it again and repeat the change."), status: http.StatusPreconditionFailed}
	errNotHere = scimFault{error: fault.New(fault.NotFound, "This server does not do this. ServiceProviderConfig says what it does."), status: http.StatusNotImplemented}
)

const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// answerFault answers with an error as SCIM has it. The sentence is in the
// language that the program asks for.
func answerFault(w http.ResponseWriter, r *http.Request, status int, err error) {
	if status == http.StatusUnprocessableEntity { // the house's for Invalid; SCIM's is this
		status = http.StatusBadRequest
	}
	said := struct {
		Schemas []string `json:"schemas"`
		Status  string   `json:"status"`
		Type    string   `json:"scimType,omitempty"`
		Detail  string   `json:"detail"`
	}{Schemas: []string{errorSchema}, Detail: web.Words(r.Context()).Sentence(err)}
	var f scimFault
	if errors.As(err, &f) {
		said.Type = f.scimType
		if f.status != 0 {
			status = f.status
		}
	}
	switch {
	case said.Type != "":
	case status == http.StatusBadRequest:
		said.Type = "invalidValue"
	case status == http.StatusConflict:
		said.Type = "uniqueness"
	}
	said.Status = strconv.Itoa(status)
	_ = answer(w, status, said) // who asked has gone if this fails
}

// answer writes a body of SCIM.
func answer(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/scim+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
