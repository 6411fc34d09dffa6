// SPDX-License-Identifier: Apache-2.0

package event

import "hustings/election"

// ApplicationAccepted says that an application to the roll is safely kept and
// will be processed.
type ApplicationAccepted struct {
	Application, Asks, Form, Source string
	Drive, Batch                    string
	Counts                          election.Date // for a deadline
}

// Name is the fact's name in the ledger.
func (ApplicationAccepted) Name() string { return "intake.accepted.v1" }

// Subject is the application.
func (e ApplicationAccepted) Subject() string { return e.Application }

// ApplicationScanned says that a form came on paper and was scanned. Somebody
// types what stands on it; only then is it accepted.
type ApplicationScanned struct {
	Application string
	Pages       int
}

// Name is the fact's name in the ledger.
func (ApplicationScanned) Name() string { return "intake.scanned.v1" }

// Subject is the application.
func (e ApplicationScanned) Subject() string { return e.Application }

// ApplicationWaits says that an application cannot go on by itself: a person
// looks at it, or a service that is asked does not answer.
type ApplicationWaits struct{ Application, Step, Doubt string }

// Name is the fact's name in the ledger.
func (ApplicationWaits) Name() string { return "intake.waits.v1" }

// Subject is the application.
func (e ApplicationWaits) Subject() string { return e.Application }

// ApplicationDecided says what a person decided about an application.
type ApplicationDecided struct{ Application, Decision, Voter, Reason string }

// Name is the fact's name in the ledger.
func (ApplicationDecided) Name() string { return "intake.decided.v1" }

// Subject is the application.
func (e ApplicationDecided) Subject() string { return e.Application }

// ApplicationEnded says how an application ended, and whose registration it
// made or changed.
type ApplicationEnded struct{ Application, Outcome, Reason, Voter, Source string }

// Name is the fact's name in the ledger.
func (ApplicationEnded) Name() string { return "intake.ended.v1" }

// Subject is the application.
func (e ApplicationEnded) Subject() string { return e.Application }

// ApplicationReopened says that an application's end was undone, and what it
// had changed in the roll taken back.
type ApplicationReopened struct{ Application, Was, Voter, Why string }

// Name is the fact's name in the ledger.
func (ApplicationReopened) Name() string { return "intake.reopened.v1" }

// Subject is the application.
func (e ApplicationReopened) Subject() string { return e.Application }

// ApplicationsLoaded says that a file of applications was taken in.
type ApplicationsLoaded struct {
	Batch, Source, SHA256    string
	Records, Fresh, Rejected int64
}

// Name is the fact's name in the ledger.
func (ApplicationsLoaded) Name() string { return "intake.loaded.v1" }

// Subject is the file.
func (e ApplicationsLoaded) Subject() string { return e.Batch }

// ApplicationsHeld says that a file of applications is not as agreed with its
// source, and waits for a second person.
type ApplicationsHeld struct {
	Batch, Source, SHA256 string
	Findings              int
}

// Name is the fact's name in the ledger.
func (ApplicationsHeld) Name() string { return "intake.held.v1" }

// Subject is the file.
func (e ApplicationsHeld) Subject() string { return e.Batch }

// ApplicationsReleased says that a second person let a held file in.
type ApplicationsReleased struct{ Batch, Why string }

// Name is the fact's name in the ledger.
func (ApplicationsReleased) Name() string { return "intake.released.v1" }

// Subject is the file.
func (e ApplicationsReleased) Subject() string { return e.Batch }

// DriveOpened says that somebody collects forms under a code.
type DriveOpened struct {
	Drive, Title string
	Days         int
}

// Name is the fact's name in the ledger.
func (DriveOpened) Name() string { return "intake.drive.v1" }

// Subject is the drive.
func (e DriveOpened) Subject() string { return e.Drive }

// FormsHanded says that a drive was given blank forms.
type FormsHanded struct {
	Drive string
	Day   election.Date
	Forms int
}

// Name is the fact's name in the ledger.
func (FormsHanded) Name() string { return "intake.forms.v1" }

// Subject is the drive.
func (e FormsHanded) Subject() string { return e.Drive }

// ApplicationsSentOn says that applications that waited for a person were let go
// on by themselves, such as once the street ranges had been mended.
type ApplicationsSentOn struct {
	Doubt        string
	Applications int64
}

// Name is the fact's name in the ledger.
func (ApplicationsSentOn) Name() string { return "intake.senton.v1" }
