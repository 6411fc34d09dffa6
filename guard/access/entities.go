// SPDX-License-Identifier: Apache-2.0

package access

import (
	"time"

	"github.com/cedar-policy/cedar-go"

	"hustings/kit/room"
	"hustings/kit/who"
)

// The types of the policies' entities; schema.go says what they have.
const (
	personType   = cedar.EntityType("Person")
	houseType    = cedar.EntityType("House")
	operatorType = cedar.EntityType("Operator")
	roleType     = cedar.EntityType("Role")
	placeType    = cedar.EntityType("Jurisdiction")
	roomType     = cedar.EntityType("Room")
	recordType   = cedar.EntityType("Record")
	actionType   = cedar.EntityType("Action")
)

// operatorID is who runs the program at the machine itself.
const operatorID = "operator"

// question is one decision to be made. It is at once what the policies may ask
// about: the entities are made as they are asked for, so that a house with a
// hundred thousand people costs a decision nothing.
type question struct {
	me     who.Person
	held   []Role // that they hold where the resource is
	where  string // jurisdiction of the resource
	action string
	record *room.Record // nil for a room as a whole
	now    time.Time

	// What was made already: policies ask for these again and again.
	who, what *cedar.Entity
}

// principal is who asks, in the words of the policies.
func (q *question) principal() cedar.EntityUID {
	switch {
	case q.me.Via == who.House || q.me.Via == who.Watch:
		return cedar.NewEntityUID(houseType, cedar.String(q.me.ID))
	case q.me.ID == operatorID && q.me.Via == who.CLI:
		return cedar.NewEntityUID(operatorType, operatorID)
	}
	return cedar.NewEntityUID(personType, cedar.String(q.me.ID))
}

func (q *question) resource() cedar.EntityUID {
	if q.record == nil {
		return cedar.NewEntityUID(roomType, cedar.String(groupOf(q.action)))
	}
	return cedar.NewEntityUID(recordType, cedar.String(q.record.Room+"/"+q.record.Kind+"/"+q.record.ID))
}

// request is the question in the words of the policies; how the request came is
// left out where no policy looks at it.
func (q *question) request(context bool) cedar.Request {
	r := cedar.Request{Principal: q.principal(), Action: cedar.NewEntityUID(actionType, cedar.String(q.action)), Resource: q.resource()}
	if !context {
		return r
	}
	age := int64(1) << 40 // never
	if !q.me.Proved.IsZero() {
		age = int64(max(0, q.now.Sub(q.me.Proved)) / time.Second)
	}
	r.Context = cedar.NewRecord(cedar.RecordMap{"via": cedar.String(q.me.Via), "level": cedar.Long(q.me.Level), "age": cedar.Long(age)})
	return r
}

// Get implements cedar's types.EntityGetter.
func (q *question) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	e := cedar.Entity{UID: uid}
	switch uid.Type {
	case personType:
		if string(uid.ID) == q.me.ID {
			if q.who != nil {
				return *q.who, true
			}
			up := make([]cedar.EntityUID, len(q.held))
			for i, r := range q.held {
				up[i] = cedar.NewEntityUID(roleType, cedar.String(r))
			}
			e.Parents = cedar.NewEntityUIDSet(up...)
			e.Attributes = cedar.NewRecord(cedar.RecordMap{"office": cedar.NewEntityUID(placeType, cedar.String(q.me.Jurisdiction))})
			q.who = &e
		}
	case placeType:
		if up := above(string(uid.ID)); up != "" {
			e.Parents = cedar.NewEntityUIDSet(cedar.NewEntityUID(placeType, cedar.String(up)))
		}
	case roomType:
		e.Parents = cedar.NewEntityUIDSet(cedar.NewEntityUID(placeType, cedar.String(q.where)))
	case recordType:
		if q.what != nil && q.what.UID == uid {
			return *q.what, true
		}
		if q.record == nil || uid != q.resource() {
			return e, false
		}
		e.Parents = cedar.NewEntityUIDSet(cedar.NewEntityUID(roomType, cedar.String(q.record.Room)))
		e.Attributes = attributes(q.record)
		q.what = &e
	case actionType:
		if group := groupOf(string(uid.ID)); group != string(uid.ID) {
			e.Parents = cedar.NewEntityUIDSet(cedar.NewEntityUID(actionType, cedar.String(group)))
		}
	}
	return e, true
}

func attributes(r *room.Record) cedar.Record {
	m := cedar.RecordMap{"kind": cedar.String(r.Kind), "protected": cedar.Boolean(r.Protected)}
	for name, id := range map[string]string{"by": r.By, "of": r.Of} {
		if id != "" {
			m[cedar.String(name)] = cedar.NewEntityUID(personType, cedar.String(id))
		}
	}
	for name, text := range map[string]string{"election": r.Election, "state": r.State} {
		if text != "" {
			m[cedar.String(name)] = cedar.String(text)
		}
	}
	return cedar.NewRecord(m)
}

// verdict is what the policies say, and which of them.
type verdict struct {
	allow bool
	by    []cedar.PolicyID // the permits, or the forbids; none: nothing permits it
}

// ask lets the policies decide. A forbid that cannot be worked out counts as
// one that holds: what was meant to keep people out must not let them in by
// failing.
func (r *rules) ask(q *question) verdict {
	list, context := r.about(q.action, q.principal().Type, q.held)
	decision, why := cedar.Authorize(list, q, q.request(context))
	v := verdict{allow: decision == cedar.Allow}
	for _, reason := range why.Reasons {
		v.by = append(v.by, reason.PolicyID)
	}
	for _, failed := range why.Errors {
		if r.forbids(failed.PolicyID) {
			return verdict{by: []cedar.PolicyID{failed.PolicyID}}
		}
	}
	return v
}

func (r *rules) forbids(id cedar.PolicyID) bool {
	for _, one := range r.all {
		if one.id == id {
			return one.policy.Effect() == cedar.Forbid
		}
	}
	return false
}
