// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
)

// Powers knows who and what can open all other doors.
type Powers interface {
	PowerfulPerson(ctx context.Context, person, jurisdiction string) (bool, error)
	PowerfulRole(ctx context.Context, role, jurisdiction string) (bool, error)
}

// rule finds, among the entries of one name, what somebody should look into.
type rule struct {
	name string // "audit.alarm.NAME" are its words
	fact string
	when func(s *Audit, ctx context.Context, e ledger.Entry) (subject string, yes bool, err error)
}

// rules are what raises an alarm. They look at every entry once, as it comes.
var rules = []rule{
	{"locked", event.SignInRefused{}.Name(), refused(func(f event.SignInRefused) bool { return !f.LockedUntil.IsZero() })},
	{"stopped", event.SignInRefused{}.Name(), refused(func(f event.SignInRefused) bool {
		return f.Reason == "account disabled" || f.Reason == "account ended or asleep"
	})},
	{"administrator", event.SignInRefused{}.Name(), (*Audit).refusedPower},
	{"spray", event.SignInRefused{}.Name(), (*Audit).spray},
	{"newbrowser", event.SignedIn{}.Name(), (*Audit).newBrowser},
	{"copied", event.PasskeyCloned{}.Name(), always},
	{"envelope", event.EnvelopeOpened{}.Name(), always},
	{"role", event.RoleGranted{}.Name(), (*Audit).powerfulRole},
	{"policy", event.PolicyApplied{}.Name(), always},
	{"provider", event.ProviderSet{}.Name(), always},
	{"mapping", event.GroupMapped{}.Name(), (*Audit).powerfulMapping},
	{"satellite", event.SatelliteAdded{}.Name(), always},
	{"secret", event.SatelliteSecretMade{}.Name(), always},
	{"destroyed", event.KeysDestroyed{}.Name(), always},
	{"shredded", event.SubjectShredded{}.Name(), always},
	{"joined", event.RootJoined{}.Name(), func(_ *Audit, _ context.Context, e ledger.Entry) (string, bool, error) {
		f, err := fact[event.RootJoined](e)
		return e.Subject, !f.Rehearsal, err
	}},
	{"salts", event.SaltsShredded{}.Name(), always},
	{"skipped", ledger.Skipped{}.Name(), always},
}

// watched are the names of the facts that rules look at.
func watched() (names []string) {
	seen := make(map[string]bool)
	for _, r := range rules {
		if !seen[r.fact] {
			seen[r.fact] = true
			names = append(names, r.fact)
		}
	}
	return names
}

func fact[T any](e ledger.Entry) (f T, err error) {
	if err = json.Unmarshal(e.Data, &f); err != nil {
		err = fault.Wrap(fault.Internal, err, "the entry %s of the ledger", e.ID)
	}
	return f, err
}

func always(_ *Audit, _ context.Context, e ledger.Entry) (string, bool, error) {
	return e.Subject, true, nil
}

func refused(so func(event.SignInRefused) bool) func(*Audit, context.Context, ledger.Entry) (string, bool, error) {
	return func(_ *Audit, _ context.Context, e ledger.Entry) (string, bool, error) {
		f, err := fact[event.SignInRefused](e)
		return e.Subject, err == nil && so(f), err
	}
}

// refusedPower is for tries at the account of somebody who can open all doors.
func (s *Audit) refusedPower(ctx context.Context, e ledger.Entry) (string, bool, error) {
	if s.Powers == nil || e.Subject == "" {
		return "", false, nil
	}
	yes, err := s.Powers.PowerfulPerson(ctx, e.Subject, e.Jurisdiction)
	return e.Subject, yes, err
}

// newBrowser is for such a person in a browser that the account does not know.
func (s *Audit) newBrowser(ctx context.Context, e ledger.Entry) (string, bool, error) {
	f, err := fact[event.SignedIn](e)
	if err != nil || !f.NewBrowser {
		return "", false, err
	}
	return s.refusedPower(ctx, e)
}

// powerfulRole is for a role that opens all doors, by whomever it was granted
// after the house was set up.
func (s *Audit) powerfulRole(ctx context.Context, e ledger.Entry) (string, bool, error) {
	f, err := fact[event.RoleGranted](e)
	if err != nil || s.Powers == nil || setUp[e.Actor] {
		return "", false, err
	}
	yes, err := s.Powers.PowerfulRole(ctx, f.Role, e.Jurisdiction)
	return e.Subject, yes, err
}

// powerfulMapping is for a group of a directory that gives such a role.
func (s *Audit) powerfulMapping(ctx context.Context, e ledger.Entry) (string, bool, error) {
	f, err := fact[event.GroupMapped](e)
	if err != nil || s.Powers == nil || !f.Gives {
		return "", false, err
	}
	yes, err := s.Powers.PowerfulRole(ctx, f.Role, e.Jurisdiction)
	return e.Subject, yes, err
}

// setUp are those that grant the first roles of a house, while nobody is there
// yet whom an alarm could tell.
var setUp = map[string]bool{"system:first start": true, "system:demo": true}

// One address that is refused at this many accounts within sprayWithin, those
// that do not exist included, tries a few passwords at many doors, which no
// account's own lock can see.
const (
	sprayAccounts = 10
	sprayWithin   = 10 * time.Minute
	sprayLooked   = 2000 // entries looked back at, at most
)

func (s *Audit) spray(ctx context.Context, e ledger.Entry) (string, bool, error) {
	f, err := fact[event.SignInRefused](e)
	from := network(f.Address)
	if err != nil || from == "" {
		return "", false, err
	}
	late, err := s.Ledger.Find(ctx, ledger.Filter{Jurisdiction: e.Jurisdiction, Name: e.Name, From: e.At.Add(-sprayWithin)}, e.Seq+1, sprayLooked)
	if err != nil {
		return "", false, err
	}
	accounts, strangers := make(map[string]bool), 0
	for _, other := range late {
		g, err := fact[event.SignInRefused](other)
		if err != nil {
			return "", false, err
		}
		switch {
		case network(g.Address) != from:
		case g.Account == "":
			strangers++
		default:
			accounts[g.Account] = true
		}
	}
	return from, len(accounts)+strangers >= sprayAccounts, nil
}

// network is what counts as one address, "" for none.
func network(text string) string {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return web.Network(addr).String()
}

// watch looks at one entry with every rule that is for it.
func (s *Audit) watch(ctx context.Context, e ledger.Entry) error {
	for _, r := range rules {
		if r.fact != e.Name {
			continue
		}
		subject, yes, err := r.when(s, ctx, e)
		if err == nil && yes {
			err = s.raise(ctx, r.name, subject, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// raise raises an alarm, or counts it where it is raised already and nobody has
// looked into it.
func (s *Audit) raise(ctx context.Context, rule, subject string, e ledger.Entry) error {
	ctx = who.With(ctx, who.System("audit", e.Jurisdiction))
	fresh := false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var seen int
		if err := tx.QueryRowContext(ctx, `
			select count(*) from audit_alarm where jurisdiction = $1 and rule = $2 and subject = $3 and seq >= $4`,
			e.Jurisdiction, rule, subject, e.Seq).Scan(&seen); err != nil || seen > 0 {
			tx.Silently("the entry was looked at before")
			return err
		}
		res, err := tx.ExecContext(ctx, `
			update audit_alarm set times = times + 1, seq = $4, last_at = $5,
			actors = case when actors like $6 or length(actors) > 4000 then actors else actors || $7 end
			where jurisdiction = $1 and rule = $2 and subject = $3 and seen_at is null`, e.Jurisdiction, rule, subject, e.Seq, e.At, "% "+e.Actor+" %", doers(e))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			tx.Silently("an alarm was counted that is raised already; what raised it is an entry")
			return err
		}
		fresh = true
		one := id.New()
		tx.Record(event.AlarmRaised{Alarm: one, Rule: rule, About: subject, Entry: e.ID})
		_, err = tx.ExecContext(ctx, `
			insert into audit_alarm (jurisdiction, id, rule, subject, entry, seq, times, first_at, last_at, actors)
			values ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)`, e.Jurisdiction, one, rule, subject, e.ID, e.Seq, e.At, doers(e))
		return err
	})
	if err == nil && fresh {
		s.Log.WarnContext(ctx, "alarm", "rule", rule, "about", subject, "entry", e.ID, "at", e.At)
	}
	return err
}

// doers are who did what an entry tells of: who acted, and who had asked for it.
func doers(e ledger.Entry) string {
	var f struct{ AskedBy string }
	_ = json.Unmarshal(e.Data, &f) // most facts have no such field
	return " " + e.Actor + " " + f.AskedBy + " "
}

// Alarm is something that somebody should look into.
type Alarm struct {
	ID, Rule, Subject, Entry string
	Times                    int64
	Seq                      int64 // of the last entry that was counted
	First, Last              time.Time
	Seen                     time.Time // zero while nobody has looked into it
	By, Found                string
}

// Alarms lists the alarms of the office of who asks: those that nobody has
// looked into, and then the latest of the others.
func (s *Audit) Alarms(ctx context.Context, most int) ([]Alarm, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select id, rule, subject, entry, times, seq, first_at, last_at, seen_at, seen_by, found from audit_alarm
		where jurisdiction = $1 order by seen_at is not null, case when rule = 'spray' then 1 else 0 end, last_at desc, id limit $2`, who.From(ctx).Jurisdiction, most)
	return db.Collect(rows, err, func(scan func(...any) error) (a Alarm, err error) {
		err = scan(&a.ID, &a.Rule, &a.Subject, &a.Entry, &a.Times, &a.Seq, db.AsTime(&a.First), db.AsTime(&a.Last), db.AsTime(&a.Seen), &a.By, &a.Found)
		return a, err
	})
}

// open counts the alarms that nobody has looked into.
func (s *Audit) open(ctx context.Context, jurisdiction string) (n int, err error) {
	err = s.DB.QueryRowContext(ctx, `
		select count(*) from audit_alarm where jurisdiction = $1 and seen_at is null`, jurisdiction).Scan(&n)
	return n, err
}

// Close says what came of an alarm, as far as it had been counted when the person
// looked. Nobody closes one about themselves, or about what they did.
func (s *Audit) Close(ctx context.Context, alarm string, seq int64, found string) error {
	me := who.From(ctx)
	found = strings.TrimSpace(found)
	if found == "" || len(found) > maxFound {
		return fault.On("found", fault.New(fault.Invalid, "Say in at most %d letters what you found.", maxFound))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			update audit_alarm set seen_at = $3, seen_by = $4, found = $5
			where jurisdiction = $1 and id = $2 and seen_at is null and seq <= $6 returning subject || ' ' || actors`, me.Jurisdiction, alarm, s.Now(), me.ID, found, seq)
		list, err := db.Collect(rows, err, func(scan func(...any) error) (one string, err error) { err = scan(&one); return one, err })
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return fault.New(fault.Conflict, "Somebody has looked into this alarm already, or it was raised again meanwhile. Look again.")
		}
		if strings.Contains(" "+list[0]+" ", " "+me.ID+" ") {
			return fault.New(fault.Denied, "This alarm is about you, or about what you did; somebody else has to look into it.")
		}
		tx.Record(event.AlarmClosed{Alarm: alarm, Found: found})
		return nil
	})
}

// maxFound bounds what is written about an alarm.
const maxFound = 2000
