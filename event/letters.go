// SPDX-License-Identifier: Apache-2.0

package event

// LetterWritten says that a letter to somebody waits to be printed.
type LetterWritten struct {
	Letter, Kind, Language string
	About                  string // whom it is about, such as a voter
	Cause                  string // what led to it, such as an application
}

// Name is the fact's name in the ledger.
func (LetterWritten) Name() string { return "letters.written.v1" }

// Subject is whom the letter is about.
func (e LetterWritten) Subject() string { return e.About }

// LetterWithdrawn says that a letter will not be printed after all.
type LetterWithdrawn struct{ Letter, Kind, About, Cause, Why string }

// Name is the fact's name in the ledger.
func (LetterWithdrawn) Name() string { return "letters.withdrawn.v1" }

// Subject is whom the letter is about.
func (e LetterWithdrawn) Subject() string { return e.About }

// LettersClaimed says that letters were taken out of the queue for a batch
// whose file is being made.
type LettersClaimed struct {
	Batch   string
	Letters int64
}

// Name is the fact's name in the ledger.
func (LettersClaimed) Name() string { return "letters.claimed.v1" }

// Subject is the batch.
func (e LettersClaimed) Subject() string { return e.Batch }

// LettersBatched says that the file of a batch is ready to be printed.
type LettersBatched struct {
	Batch          string
	Letters, Pages int64
	SHA256         string // of the file
}

// Name is the fact's name in the ledger.
func (LettersBatched) Name() string { return "letters.batched.v1" }

// Subject is the batch.
func (e LettersBatched) Subject() string { return e.Batch }

// LettersFreed says that a batch was cancelled before it was printed; its
// letters wait again.
type LettersFreed struct {
	Batch   string
	Letters int64
	Why     string
}

// Name is the fact's name in the ledger.
func (LettersFreed) Name() string { return "letters.freed.v1" }

// Subject is the batch.
func (e LettersFreed) Subject() string { return e.Batch }

// LettersConfirmed says that the printer confirmed a batch. Letters that were
// spoiled wait again.
type LettersConfirmed struct {
	Batch           string
	Issued, Spoiled int64
}

// Name is the fact's name in the ledger.
func (LettersConfirmed) Name() string { return "letters.confirmed.v1" }

// Subject is the batch.
func (e LettersConfirmed) Subject() string { return e.Batch }

// LetterIssued says that a letter was printed and went out.
type LetterIssued struct{ Letter, Kind, About, Cause, Batch string }

// Name is the fact's name in the ledger.
func (LetterIssued) Name() string { return "letters.issued.v1" }

// Subject is whom the letter is about.
func (e LetterIssued) Subject() string { return e.About }

// LetterReturned says that a letter came back. Why is undeliverable, moved or
// forwarded; a new address is told by the room alone, for it is private.
type LetterReturned struct{ Letter, Kind, About, Cause, Why string }

// Name is the fact's name in the ledger.
func (LetterReturned) Name() string { return "letters.returned.v1" }

// Subject is whom the letter is about.
func (e LetterReturned) Subject() string { return e.About }

// LetterAnswered says that the card of a letter, or another answer, came back.
type LetterAnswered struct{ Letter, Kind, About, Cause string }

// Name is the fact's name in the ledger.
func (LetterAnswered) Name() string { return "letters.answered.v1" }

// Subject is whom the letter is about.
func (e LetterAnswered) Subject() string { return e.About }

// LetterReturnUndone says that what was said last of a letter's return was a
// mistake. State is what the letter is again: issued or returned.
type LetterReturnUndone struct{ Letter, Kind, About, Cause, State string }

// Name is the fact's name in the ledger.
func (LetterReturnUndone) Name() string { return "letters.undone.v1" }

// Subject is whom the letter is about.
func (e LetterReturnUndone) Subject() string { return e.About }

// LetterTemplateKept says that the office has its own version of a template, or
// again the one that comes with the program.
type LetterTemplateKept struct {
	Kind, Language string
	Version        int64
	Ours           bool   // reset to the one that comes with the program
	SHA256         string // of the text; empty where reset
}

// Name is the fact's name in the ledger.
func (LetterTemplateKept) Name() string { return "letters.template.v1" }

// Subject is the template.
func (e LetterTemplateKept) Subject() string { return e.Kind + "." + e.Language }
