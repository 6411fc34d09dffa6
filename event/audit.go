// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// RecordsRead says that a person was shown protected records. It is recorded
// before they are shown. A page of a list is one fact.
type RecordsRead struct {
	Kind    string   // what they are: voter, application, message
	Records []string // their ids
	Why     string   // what the person was doing, or the reason they gave
}

// Name is the fact's name in the ledger.
func (RecordsRead) Name() string { return "audit.records-read.v1" }

// Subject is the record, where it was one.
func (e RecordsRead) Subject() string {
	if len(e.Records) == 1 {
		return e.Records[0]
	}
	return e.Kind
}

// AuditExported says that a person took entries of the ledger out of the house.
type AuditExported struct {
	Form    string // csv, eel-xml, eel-json or ocsf
	Query   string // what they had searched for
	Entries int64
}

// Name is the fact's name in the ledger.
func (AuditExported) Name() string { return "audit.exported.v1" }

// AuditSearchSaved says that a person keeps a search.
type AuditSearchSaved struct{ Search, Title, Query string }

// Name is the fact's name in the ledger.
func (AuditSearchSaved) Name() string { return "audit.search-saved.v1" }

// Subject is the search.
func (e AuditSearchSaved) Subject() string { return e.Search }

// AuditSearchRemoved says that a person no longer keeps a search.
type AuditSearchRemoved struct{ Search, Title string }

// Name is the fact's name in the ledger.
func (AuditSearchRemoved) Name() string { return "audit.search-removed.v1" }

// Subject is the search.
func (e AuditSearchRemoved) Subject() string { return e.Search }

// SaltsShredded says that nobody can show any more which leaves of the sealed
// log belong to these entries. The verifier accepts a missing salt only where
// this fact tells of it.
type SaltsShredded struct {
	In       string // the jurisdiction
	From, To int64  // sequences, both included
	Reason   string
	At       time.Time
}

// Name is the fact's name in the ledger.
func (SaltsShredded) Name() string { return "audit.salts-shredded.v1" }

// Jurisdiction is that of the entries.
func (e SaltsShredded) Jurisdiction() string { return e.In }

// AlarmRaised says that an entry of the ledger is one that somebody should look
// into. Later ones of the same kind about the same subject are counted with it.
type AlarmRaised struct {
	Alarm, Rule, About string
	Entry              string // its id
}

// Name is the fact's name in the ledger.
func (AlarmRaised) Name() string { return "audit.alarm-raised.v1" }

// Subject is what the alarm is about.
func (e AlarmRaised) Subject() string { return e.About }

// AlarmClosed says that a person has looked into an alarm, and what came of it.
type AlarmClosed struct{ Alarm, Found string }

// Name is the fact's name in the ledger.
func (AlarmClosed) Name() string { return "audit.alarm-closed.v1" }

// Subject is the alarm.
func (e AlarmClosed) Subject() string { return e.Alarm }
