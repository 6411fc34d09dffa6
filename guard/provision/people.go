// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"errors"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// reason is what the record says of what an account loses, or gets, by a program.
const reason = "directory"

// Person is somebody whose account a program keeps, as they stand: not active
// where people disabled the account.
func (s *Provision) Person(ctx context.Context, account string) (Person, error) {
	p, err := s.kept(ctx, account)
	if err != nil {
		return p, err
	}
	a, err := s.Accounts.ByID(ctx, account)
	if err != nil {
		return p, err
	}
	p.Active = p.Active && !a.Disabled
	p.groups, err = listGroupsOf(ctx, s.DB, s.Jurisdiction, account)
	return p, err
}

// kept is a person as the program has them.
func (s *Provision) kept(ctx context.Context, account string) (Person, error) {
	p, err := findPerson(ctx, s.DB, s.Jurisdiction, account)
	if err == nil && !p.Removed.IsZero() {
		return Person{}, fault.New(fault.NotFound, "There is no such user here.")
	}
	return p, err
}

// People are all who are there, in the order in which they came.
func (s *Provision) People(ctx context.Context) ([]Person, error) { return s.people(ctx, wanted{}) }

// people are those who are wanted, or more than those.
func (s *Provision) people(ctx context.Context, w wanted) ([]Person, error) {
	all, err := listPeople(ctx, s.DB, s.Jurisdiction, w)
	if err != nil {
		return nil, err
	}
	if len(all) == 1 { // as a directory asks before each change
		p, err := s.Person(ctx, all[0].Account)
		return []Person{p}, err
	}
	accounts, err := s.Accounts.All(ctx)
	if err != nil {
		return nil, err
	}
	in, err := listGroupsOf(ctx, s.DB, s.Jurisdiction, "")
	if err != nil {
		return nil, err
	}
	groups := make(map[string][]member, len(all))
	for _, m := range in {
		groups[m.account] = append(groups[m.account], m)
	}
	off := make(map[string]bool, len(accounts))
	for _, a := range accounts {
		off[a.ID] = a.Disabled
	}
	for i, p := range all {
		all[i].Active, all[i].groups = p.Active && !off[p.Account], groups[p.Account]
	}
	return all, nil
}

// AddPerson makes an account for a person. They come in by single sign-on, or by
// a one-time link that somebody here gives them.
func (s *Provision) AddPerson(ctx context.Context, body attributes) (Person, error) {
	now := s.Now()
	p := Person{Active: true, Version: 1, Made: now, Changed: now}
	if err := p.take(users.tidy(body)); err != nil {
		return p, err
	}
	switch _, err := s.Accounts.ByEmail(ctx, p.UserName); {
	case err == nil:
		return p, typed("uniqueness", fault.New(fault.Conflict, "There is an account for %s already. If people here made it, an administrator can hand it over to the directory.", p.UserName))
	case fault.KindOf(err) != fault.NotFound:
		return p, err
	}
	p.disabled = !p.Active
	err := s.Accounts.Provide(ctx, p.UserName, p.name(), func(tx *db.Tx, account string) error {
		p.Account = account
		tx.Record(event.PersonProvisioned{Account: account, What: "made"})
		return insertPerson(ctx, tx, s.Jurisdiction, p)
	})
	if err != nil {
		return p, renamed(err)
	}
	s.follow(ctx, []string{p.Account})
	return p, nil
}

// renamed says in SCIM's words that an address is not free.
func renamed(err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return typed("uniqueness", err)
	}
	return err
}

// ReplacePerson makes a person what a PUT says.
func (s *Provision) ReplacePerson(ctx context.Context, account string, given match, body attributes) (Person, error) {
	was, err := s.kept(ctx, account)
	if err == nil {
		err = given.fits(was.Version)
	}
	if err != nil {
		return was, err
	}
	next := was
	if err := next.take(users.tidy(body)); err != nil {
		return was, err
	}
	return s.changePerson(ctx, was, next)
}

// PatchPerson changes of a person what a PATCH says.
func (s *Provision) PatchPerson(ctx context.Context, account string, given match, ops []operation) (Person, error) {
	was, err := s.kept(ctx, account)
	if err == nil {
		err = given.fits(was.Version)
	}
	if err != nil {
		return was, err
	}
	of, next := was.asked(), was
	if err := users.patch(of, ops); err != nil {
		return was, err
	}
	if err := next.take(of); err != nil {
		return was, err
	}
	return s.changePerson(ctx, was, next)
}

// changePerson takes a person from one state to the next. What the account has
// to follow settle does, after the write or, if this process ends before, when
// the fact is heard.
func (s *Provision) changePerson(ctx context.Context, was, next Person) (Person, error) {
	names := next.differs(was)
	if len(names) == 0 {
		return s.Person(ctx, was.Account)
	}
	a, err := s.Accounts.ByID(ctx, was.Account)
	if err != nil {
		return was, err
	}
	if next.UserName != was.UserName || next.name() != was.name() {
		err := s.Accounts.Rename(ctx, was.Account, next.UserName, next.name(), func(tx *db.Tx, moves bool) error {
			if !moves {
				return nil
			}
			return s.opensNothing(ctx, tx, was.Account)
		})
		if errors.Is(err, errOpens) {
			return was, s.refuse(ctx, was.Account, "userName", fault.New(fault.Conflict, "This account can open all other doors, so its userName stays. Its powerful roles must be taken first."))
		}
		if err != nil {
			return was, renamed(err)
		}
	}
	what := "changed"
	switch {
	case was.Active && !next.Active:
		what, next.disabled = "stopped", next.disabled || !a.Disabled
	case !was.Active && next.Active:
		what = "restored"
	}
	next.Changed = s.Now()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.PersonProvisioned{Account: was.Account, What: what, Changed: names})
		return updatePerson(ctx, tx, s.Jurisdiction, next)
	})
	if err != nil {
		return was, err
	}
	if err := s.settle(ctx, was.Account); err != nil {
		return was, err
	}
	return s.Person(ctx, was.Account)
}

// errOpens says that an account can open all other doors.
var errOpens = errors.New("the account holds a powerful role")

// opensNothing is errOpens for an account that holds a powerful role. As part of
// a write, it sees what that write goes by.
func (s *Provision) opensNothing(ctx context.Context, q db.Reader, account string) error {
	opens, err := s.Roles.Opens(ctx, q, account)
	if err == nil && opens {
		err = errOpens
	}
	return err
}

// refuse records that a change would have let somebody else into a powerful
// account, so that an alarm can be raised, and gives the reason on.
func (s *Provision) refuse(ctx context.Context, account, what string, why error) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ProvisionRefused{Account: account, What: what})
		return nil
	})
	if err != nil {
		return err
	}
	return why
}

// RemovePerson disables an account for good, and hides it from programs.
func (s *Provision) RemovePerson(ctx context.Context, account string, given match) error {
	p, err := s.kept(ctx, account)
	if err == nil {
		err = given.fits(p.Version)
	}
	if err != nil {
		return err
	}
	a, err := s.Accounts.ByID(ctx, account)
	if err != nil {
		return err
	}
	p.Active, p.Changed, p.Removed = false, s.Now(), s.Now()
	p.disabled = p.disabled || !a.Disabled
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := updatePerson(ctx, tx, s.Jurisdiction, p); err != nil {
			return err
		}
		tx.Record(event.PersonProvisioned{Account: account, What: "removed"})
		return leaveAll(ctx, tx, s.Jurisdiction, account)
	})
	if err != nil {
		return err
	}
	return s.settle(ctx, account)
}

// HandOver puts an account that people made, or that a program removed, under a
// program's care. Accounts that can open all other doors stay with people.
func (s *Provision) HandOver(ctx context.Context, email string) error {
	a, err := s.Accounts.ByEmail(ctx, email)
	if err == nil && !a.Human {
		err = fault.New(fault.NotFound, "")
	}
	if fault.KindOf(err) == fault.NotFound {
		return fault.On("email", fault.New(fault.Invalid, "There is no person with the address %s.", clip(email)))
	}
	if err != nil {
		return err
	}
	now := s.Now()
	p := Person{Account: a.ID, UserName: a.Email, Display: a.Name, Active: !a.Disabled, Version: 1, Made: now, Changed: now}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.opensNothing(ctx, tx, a.ID); err != nil {
			return err
		}
		was, err := findPerson(ctx, tx, s.Jurisdiction, a.ID)
		switch {
		case err == nil && was.Removed.IsZero():
			return fault.On("email", fault.New(fault.Conflict, "The directory keeps this account already."))
		case err != nil && fault.KindOf(err) != fault.NotFound:
			return err
		}
		tx.Record(event.PersonProvisioned{Account: a.ID, What: "handed-over"})
		return insertPerson(ctx, tx, s.Jurisdiction, p)
	})
	if errors.Is(err, errOpens) {
		return s.refuse(ctx, a.ID, "hand-over", fault.On("email", fault.New(fault.Denied, "This account can open all other doors, so it stays with people.")))
	}
	return err
}
