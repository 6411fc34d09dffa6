// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/event"
	"hustings/format/eel"
	"hustings/format/ocsf"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/words"
)

// Form is a form in which entries leave the house.
type Form string

// The forms.
const (
	CSV     Form = "csv"
	EELXML  Form = "eel-xml"
	EELJSON Form = "eel-json"
	OCSF    Form = "ocsf"
)

// Forms lists the forms.
var Forms = []Form{CSV, EELXML, EELJSON, OCSF}

// kinds are the media type and the ending of each form.
var kinds = map[Form][2]string{
	CSV: {"text/csv; charset=utf-8", "csv"}, EELXML: {"application/xml", "xml"},
	EELJSON: {"application/json", "json"}, OCSF: {"application/x-ndjson", "ocsf.jsonl"},
}

// Export writes what a search finds, oldest first. That it was taken out of the
// house is recorded first.
func (s *Audit) Export(ctx context.Context, q Search, form Form, begin func() io.Writer) error {
	if !slices.Contains(Forms, form) {
		return fault.On("form", fault.New(fault.Invalid, "There is no form “%s”.", form))
	}
	f, err := s.filter(ctx, q)
	if err != nil {
		return err
	}
	n, err := s.Ledger.Count(ctx, f)
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	if err := ledger.Saw(ctx, s.DB, event.AuditExported{Form: string(form), Query: q.query(), Entries: n}); err != nil {
		return err
	}
	x := exporter{Audit: s, speaker: speaker{s.Words.In("en"), names}, in: f.Jurisdiction}
	list := s.Ledger.Each(ctx, f)
	out := begin()
	switch form {
	case CSV:
		return x.csv(out, list)
	case OCSF:
		return x.ocsf(out, list)
	case EELXML:
		return x.eel(out, eel.XML, list)
	}
	return x.eel(out, eel.JSON, list)
}

// exporter puts entries into outside forms. Its sentences are English, so that
// the same entry always reads the same.
type exporter struct {
	*Audit
	speaker
	in string // the jurisdiction
}

var csvHead = []string{"jurisdiction", "seq", "id", "at", "actor", "actor_name", "on_behalf", "via", "request", "name", "subject", "sentence", "data", "hash"}

func (x exporter) csv(out io.Writer, list iter.Seq2[ledger.Entry, error]) error {
	w := csv.NewWriter(out)
	if err := w.Write(csvHead); err != nil {
		return err
	}
	for e, err := range list {
		if err != nil {
			return err
		}
		row := []string{e.Jurisdiction, strconv.FormatInt(e.Seq, 10), e.ID, db.FormatTime(e.At), e.Actor, x.speaker.names[e.Actor], e.OnBehalf, e.Via,
			e.Request, e.Name, e.Subject, x.sentence(e), string(e.Data), hex.EncodeToString(e.Hash)}
		for i := range row {
			row[i] = tame(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// tame keeps a spreadsheet from taking a text for a formula.
func tame(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// maker is what we call ourselves in outside forms.
const maker = "Hustings"

// build is the version of this program, as its build says.
func build() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (x exporter) eel(out io.Writer, form eel.Form, list iter.Seq2[ledger.Entry, error]) error {
	w := eel.NewWriter(out, form)
	if err := w.Begin(eel.Log{Details: "The ledger of " + x.in, Generated: x.Now()}); err != nil {
		return err
	}
	err := w.Device(eel.Device{ID: x.in, Type: "ems", Manufacturer: maker, Model: maker, Version: build(), HashType: "sha-256"})
	if err != nil {
		return err
	}
	for e, err := range list {
		if err == nil {
			err = w.Event(x.eelEvent(e))
		}
		if err != nil {
			return err
		}
	}
	return w.End()
}

func (x exporter) eelEvent(e ledger.Entry) eel.Event {
	kind, severity := "user-action", "info"
	if e.Via == "system" {
		kind = "system-action"
	}
	disposition := eel.Success
	if failed(e.Name) {
		disposition, severity = eel.Failure, "warning"
	}
	return eel.Event{ID: e.Name, Sequence: strconv.FormatInt(e.Seq, 10), At: e.At, Type: kind, Disposition: disposition, UserID: e.Actor,
		Severity: severity, Description: x.sentence(e), Details: string(e.Data), Hash: hex.EncodeToString(e.Hash)}
}

// failed reports whether a fact tells of something that was not let through.
func failed(name string) bool {
	return strings.Contains(name, "refused") || strings.Contains(name, "denied") || strings.Contains(name, "failed")
}

func (x exporter) ocsf(out io.Writer, list iter.Seq2[ledger.Entry, error]) error {
	for e, err := range list {
		if err == nil {
			err = ocsf.Write(out, x.ocsfEvent(e))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x exporter) ocsfEvent(e ledger.Entry) ocsf.Event {
	out := ocsf.Event{Severity: ocsf.Informational, Status: ocsf.Success, At: e.At, Message: x.sentence(e), RawData: string(e.Data),
		Metadata: ocsf.Metadata{Product: ocsf.Product{Name: maker, Vendor: maker, Version: build()}, UID: e.ID, Sequence: e.Seq, LogName: "ledger",
			Correlation: e.Request, EventCode: e.Name, Original: db.FormatTime(e.At), Tenant: e.Jurisdiction},
		Unmapped: map[string]any{"hash": hex.EncodeToString(e.Hash), "prev": hex.EncodeToString(e.Prev), "via": e.Via, "on_behalf": e.OnBehalf}}
	if failed(e.Name) {
		out.Status, out.Severity = ocsf.Failure, ocsf.Low
	}
	if e.Actor != "" {
		out.Actor = &ocsf.Actor{User: x.user(e.Actor)}
	}
	var data struct{ Address, Agent, Role, Person, Kind, Reason string }
	_ = json.Unmarshal(e.Data, &data) // what is not there stays empty
	if _, err := netip.ParseAddr(data.Address); err == nil {
		out.Source = &ocsf.Endpoint{IP: data.Address}
	}
	if data.Agent != "" {
		out.Request = &ocsf.HTTPRequest{UID: e.Request, UserAgent: data.Agent}
	}
	out.StatusDetail = data.Reason
	x.classify(&out, e, data.Role, data.Person, data.Kind)
	return out
}

func (x exporter) user(account string) *ocsf.User {
	u := &ocsf.User{UID: account, Name: x.speaker.names[account], Type: ocsf.Person}
	if strings.HasPrefix(account, "system:") {
		u.Type = ocsf.System
	}
	return u
}

// accountActivities are the facts about accounts that OCSF has a word for.
var accountActivities = map[string]int{
	"identity.account-added": ocsf.UserCreate, "identity.account-disabled": ocsf.UserDisable, "identity.account-enabled": ocsf.UserEnable,
	"identity.password-changed": ocsf.PasswordChange, "identity.token-made": ocsf.AddCredentials, "identity.token-revoked": ocsf.RemoveCredentials,
}

// classify finds the class and the activity.
func (x exporter) classify(out *ocsf.Event, e ledger.Entry, role, person, kind string) {
	bare := version.ReplaceAllString(e.Name, "")
	about := func(account string) *ocsf.User {
		if account == "" {
			account = "unknown"
		}
		return x.user(account)
	}
	switch {
	case strings.HasPrefix(bare, "identity.sign"):
		out.Class, out.Activity, out.User, out.Service = ocsf.Authentication, ocsf.Logon, about(e.Subject), &ocsf.Service{Name: maker}
		if strings.Contains(bare, "out") {
			out.Activity = ocsf.Logoff
		}
	case accountActivities[bare] != 0:
		out.Class, out.Activity, out.User = ocsf.UserManagement, accountActivities[bare], about(e.Subject)
	case strings.HasPrefix(bare, "identity."):
		out.Class, out.Activity, out.ActivityName, out.User = ocsf.UserManagement, ocsf.OtherActivity, bare, about(e.Subject)
	case bare == "access.role-granted", bare == "access.role-revoked":
		out.Class, out.Activity, out.User, out.Role = ocsf.UserAccess, ocsf.AssignRole, about(person), &ocsf.Role{Name: role}
		if bare == "access.role-revoked" {
			out.Activity = ocsf.RemoveRole
		}
	default:
		room, _, _ := strings.Cut(bare, ".")
		out.Class, out.Entity = ocsf.EntityManagement, &ocsf.Entity{UID: e.Subject, Name: bare, Type: room}
		out.Activity, out.ActivityName = entityActivity(bare)
		if bare == "audit.records-read" {
			out.Entity.Type = kind
		}
	}
}

// verbs are the endings of facts that OCSF has a word for.
var verbs = map[string]int{
	"added": ocsf.EntityCreate, "made": ocsf.EntityCreate, "drafted": ocsf.EntityCreate, "opened": ocsf.EntityCreate, "entered": ocsf.EntityCreate,
	"saved": ocsf.EntityCreate, "kept": ocsf.EntityCreate, "held": ocsf.EntityCreate, "read": ocsf.EntityRead, "seen": ocsf.EntityRead, "exported": ocsf.EntityRead,
	"removed": ocsf.EntityDelete, "destroyed": ocsf.EntityDelete, "shredded": ocsf.EntityDelete,
	"locked": ocsf.EntityUpdate, "approved": ocsf.EntityUpdate, "returned": ocsf.EntityUpdate, "published": ocsf.EntityUpdate, "set": ocsf.EntityUpdate,
	"superseded": ocsf.EntityUpdate, "mapped": ocsf.EntityUpdate, "rotated": ocsf.EntityUpdate, "renewed": ocsf.EntityUpdate, "applied": ocsf.EntityUpdate,
}

func entityActivity(bare string) (id int, name string) {
	last := bare[strings.LastIndexAny(bare, ".-")+1:]
	if id = verbs[last]; id != 0 {
		return id, ""
	}
	return ocsf.OtherActivity, bare
}

// fileName is what an export is called.
func fileName(in string, form Form, now time.Time) string {
	place := in[strings.LastIndexAny(in, ":/")+1:]
	place = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(place))
	return "ledger-" + place + "-" + now.Format("20060102T150405Z") + "." + kinds[form][1]
}

// actions are the facts that can be searched for, with their names in words.
func actions(p *words.Printer) []field {
	var list []field
	for _, f := range event.All() {
		list = append(list, field{f.Name(), action(p, f.Name())})
	}
	slices.SortFunc(list, func(a, b field) int { return strings.Compare(a.Value, b.Value) })
	return list
}
