// SPDX-License-Identifier: Apache-2.0

// Package register is where people apply to the roll themselves: they register,
// change or end their registration, or register ahead of their birthday.
//
//	first page -> one question a page -> check answers -> sent -> receipt -> where it stands
//
// Every page works without a script, on a phone, in each language. What
// somebody has typed is a draft, sealed under a key of its day; it can be gone
// on with on another device, and is destroyed after a week. An application that
// was sent is accepted in one durable write before its receipt is shown, and
// pressing twice gives the same receipt. When more people come than can be
// served, the next ones see a page that says so and tries again by itself;
// nothing that was accepted is lost.
//
// Tables:  register_draft
// Tells:   register.drafts-shredded.v1
// Asks:    Intake (takes applications, and says where one stands), Elections (which are to come), Shredder (destroys the key of a day's drafts), Post and Texts (carry letters to mailboxes and messages to telephones)
package register

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/job"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Intake takes applications.
type Intake interface {
	// Accept keeps an application durably and gives its receipt. The same key
	// again gives the same receipt.
	Accept(ctx context.Context, key string, a roll.Application, signature []byte) (receipt string, err error)
	// Status says where an application stands; whatever is wrong, the fault is
	// the same one of kind NotFound.
	Status(ctx context.Context, receipt string, birth election.Date) (Standing, error)
}

// Standing is where an application stands.
type Standing struct {
	State   string // received, checking, waiting-for-you or done
	Outcome roll.Outcome
	Since   time.Time
	Missing []string // keys of what is missing
}

// Elections knows which elections are to come.
type Elections interface {
	Upcoming(ctx context.Context, from election.Date) ([]election.Election, error)
}

// Shredder destroys the key of a subject.
type Shredder interface {
	Shred(ctx context.Context, subject, reason string) error
}

// Post carries a letter to a mailbox. It returns nil once the letter is on its
// way, and a fault of kind Invalid where no box has the address.
type Post interface {
	Mail(ctx context.Context, to, subject, text, key string) error
}

// Texts carries a text message to a telephone. It returns nil once the message
// is on its way, and a fault of kind Invalid where the number takes none.
type Texts interface {
	Text(ctx context.Context, to, text string) error
}

// Office is what pages say of the office.
type Office struct{ Name, Phone, Email, URL string }

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Log          *slog.Logger
	Words        *words.Catalog
	Jurisdiction string
	State        string         // postal code: whose rules hold
	Zone         *time.Location // in which a day ends; nil: UTC
	Sealer       *seal.Sealer
	Book         *rules.Book
	Intake       Intake
	Elections    Elections
	Shredder     Shredder
	Post         Post  // nil: nobody is written to
	Texts        Texts // nil: nobody is sent a message
	Office       Office
	Secure       bool   // cookies go over https alone
	Style        string // address of the style sheet
	Script       string // address of the script
	Sends        int    // applications taken at a time; 128 where zero
	Saves        int    // answers kept at a time; 256 where zero
}

// Register is the room.
type Register struct {
	Deps
	sends, saves, looks gate
	first               firstPages
	busy                busyPages
}

// New opens the room.
func New(d Deps) *Register {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Sends == 0 {
		d.Sends = 128
	}
	if d.Saves == 0 {
		d.Saves = 256
	}
	return &Register{Deps: d, sends: newGate(d.Sends), saves: newGate(d.Saves), looks: newGate(2 * d.Saves)}
}

// Room is everything that register brings into the house.
func (s *Register) Room() room.Room {
	return room.Room{
		Name:       "register",
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{body, picture},
		Routes:     s.routes(),
		Jobs:       []job.Kind{{Name: expireKind, Do: s.expire}, {Name: confirmKind, Do: s.confirm, Tries: 8}},
		Repeats:    []job.Repeat{{Kind: expireKind, Jurisdiction: s.Jurisdiction, Every: time.Hour}},
	}
}

func (s *Register) routes() []web.Route {
	list := []web.Route{
		{Pattern: "GET /register", Do: s.showFirst},
		{Pattern: "GET /register/language/{tag}", Do: web.ChooseLanguage},
		{Pattern: "GET /register/question/{question}", Do: s.showQuestion},
		{Pattern: "POST /register/question/{question}", Do: s.answer},
		{Pattern: "POST /register/signature", MaxBody: mostUpload, Do: s.sign},
		{Pattern: "GET /register/stop/{why}", Do: s.showStop},
		{Pattern: "GET /register/check", Do: s.showCheck},
		{Pattern: "POST /register/check", Do: s.send},
		{Pattern: "GET /register/sending", Do: s.sendAgain},
		{Pattern: "GET /register/done", Do: s.showDone},
		{Pattern: "GET /register/later", Do: s.showLater},
		{Pattern: "POST /register/later", Do: s.makeCode},
		{Pattern: "POST /register/leave", Do: s.leave},
		{Pattern: "GET /register/continue", Do: s.showContinue},
		{Pattern: "POST /register/continue", Rate: web.Rate{PerSecond: 0.2, Burst: 10}, Do: s.continueHere},
		{Pattern: "GET /register/status", Do: s.showStatus},
		{Pattern: "POST /register/status", Rate: web.Rate{PerSecond: 0.5, Burst: 20}, Do: s.status},
	}
	for i := range list {
		list[i].Needs, list[i].Door, list[i].Fault = web.Public, web.PublicDoor, s.fault
	}
	return list
}

// somebody is a voter at the public door: nobody whom we know.
func (s *Register) somebody(ctx context.Context) context.Context {
	return who.With(ctx, who.Person{ID: "public:register", Name: "register", Jurisdiction: s.Jurisdiction, Via: who.Browser})
}

// today is the day at the office.
func (s *Register) today() election.Date {
	return election.DayOf(s.Now().In(s.Zone))
}

// The sealed columns.
var (
	body    = seal.Column{Table: "register_draft", Name: "body", Key: []string{"id"}, Purpose: "register.draft", Subject: "subject"}
	picture = seal.Column{Table: "register_draft", Name: "picture", Key: []string{"id"}, Purpose: "register.draft", Subject: "subject"}
)
