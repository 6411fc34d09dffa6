// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// node is an element of XML or a member of JSON, the same for both: the members
// of a list are nodes of one name, attributes are nodes like the others.
type node struct {
	name  string
	class string // xsi:type or "@type", without what stands in front of the name
	text  string
	line  int
	kids  []*node
	part  bool // it has parts, or could
}

// kid finds the first part of a name.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// count guards the memory that one message may take.
func (r *reader) count() error {
	if r.parts++; r.parts > maxParts {
		return fmt.Errorf("one message has more than %d parts", maxParts)
	}
	return nil
}

// slab is how many nodes are made at once.
const slab = 256

// fresh gives an empty node. Nodes of a record are used again for the next: what
// is made of them holds their texts only.
func (r *reader) fresh(name string, line int) *node {
	if r.used == len(r.slabs)*slab {
		r.slabs = append(r.slabs, make([]node, slab))
	}
	n := &r.slabs[r.used/slab][r.used%slab]
	r.used++
	*n = node{name: name, line: line, kids: n.kids[:0]}
	return n
}

// intern makes a string of a name, once for each.
func (r *reader) intern(b []byte) string {
	if s, ok := r.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(r.names) < 10_000 {
		r.names[s] = s
	}
	return s
}

// requests and answers by the name of their class.
var messageClasses = map[string]*plan{
	"VoterRecordsRequest":    requestPlan,
	"RequestAcknowledgement": ackPlan,
	"RequestSuccess":         successPlan,
	"RequestRejection":       rejectionPlan,
	"VoterRecordResults":     resultsPlan,
}

// members by which a message is known that does not say what it is.
var marks = []struct {
	p     *plan
	names []string
}{
	{requestPlan, []string{"Subject", "RequestMethod", "BallotRequest", "GeneratedDate", "RequestProxy"}},
	{resultsPlan, []string{"VoterRecord"}},
	{rejectionPlan, []string{"Error", "AdditionalDetails"}},
	{successPlan, []string{"Action", "EffectiveDate", "PollingPlace", "ElectionAdministration", "Locality"}},
	{ackPlan, []string{"TransactionId"}},
}

var errNoMessage = errors.New("the file holds no voter records: neither a VoterRecordsRequest nor an answer to one (NIST SP 1500-102)")

// message makes a message of a node and hands it over. records says whether
// records of it went before.
func (r *reader) message(n *node, records bool) error {
	p := messageClasses[n.class]
	if p == nil {
		p = messageClasses[n.name]
	}
	if p == nil && records {
		p = resultsPlan
	}
	for _, m := range marks {
		if p != nil {
			break
		}
		if slices.ContainsFunc(m.names, func(name string) bool { return n.kid(name) != nil }) {
			p = m.p
		}
	}
	if p == nil {
		return errNoMessage
	}
	if messageClasses[n.class] == nil {
		r.tellOnce(n.line, p.class, "it does not say what it is (@type in JSON, xsi:type of an answer in XML); it was taken for a "+p.class)
	}
	m := Message{Line: n.line}
	switch p {
	case requestPlan:
		m.Request = &VoterRecordsRequest{}
		r.fill(n, p, m.Request)
	case ackPlan:
		m.Acknowledgement = &RequestAcknowledgement{}
		r.fill(n, p, m.Acknowledgement)
	case successPlan:
		m.Success = &RequestSuccess{}
		r.fill(n, p, m.Success)
	case rejectionPlan:
		m.Rejection = &RequestRejection{}
		r.fill(n, p, m.Rejection)
	case resultsPlan:
		m.Results = &VoterRecordResults{}
		r.fill(n, p, m.Results)
	}
	return r.emit(m)
}

// record makes a record of a node and hands it over.
func (r *reader) record(n *node) error {
	rec := &VoterRecord{}
	r.fill(n, recordPlan, rec)
	return r.emit(Message{Line: n.line, Record: rec})
}

// bareClass is a class without the name space or the package in front.
func bareClass(s string) string {
	s = strings.TrimSpace(s)
	s = s[strings.LastIndexByte(s, ':')+1:]
	for _, pkg := range []string{"VRI.", "addr.", "addr_type."} {
		s = strings.TrimPrefix(s, pkg)
	}
	return s
}
