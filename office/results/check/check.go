// SPDX-License-Identifier: Apache-2.0

// Package check reads a file of results before anybody else does and says what
// is wrong with it, as 44 catalogued rules in nine families:
//
//	I  identity: is it the right file, whole and readable
//	C  cross-foot: do its numbers agree with one another
//	T  time: do they agree with what the same source said before
//	D  definition: were they counted by the certified definition
//	H  history: are they likely, next to the last election
//	R  rounds: do ranked rounds add up
//	S  state: is everything in that should be
//	P  people: did two persons look
//
// A rule never changes a number. It blocks a file, holds it for a second
// person, or warns. A rule that lacks what it needs does not run, and Applied
// says so, because a check that is only believed to have run is worse than none.
//
// Everything here is pure thinking: no disk, no clock, no network.
package check

import (
	"strconv"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// Input is one file of results and all that is known around it. Only Index is
// always needed; whatever else is missing leaves out the rules that need it.
// All sheets are in the numbering of Index.
type Input struct {
	Index *tally.Index
	Rules Rules

	// The file.
	Sheet     *tally.Sheet     // its counts
	Statement *tally.Statement // in its own words
	Found     []tally.Finding  // what reading and resolving had to say; it comes first in the answer
	Parts     Parts            // where a report comes in several files
	Source    Source           // what its source has declared
	Reason    string           // why earlier numbers are corrected, as a person wrote it; empty: they are not

	// The moment.
	Mode       Mode
	Now        time.Time // when the file would be published
	PollsClose time.Time // when the last poll in scope closes

	// What was there before, and beside it.
	Before *tally.Tally   // published so far
	After  *tally.Tally   // the same with this file; made from Sheet and Others where there is no Before
	Mine   []*tally.Sheet // accepted earlier from the same source, oldest first
	Others []*tally.Sheet // the files that stand beside it, of other sources

	// What it can be held against.
	DefinitionHash string                    // of the certified definition
	Devices        []Device                  // that counted the file's votes
	Batches        []Batch                   // that the file says it contains
	Counted        []Batch                   // that other accepted files contain; of an incremental source also its own earlier ones
	Expected       []Item                    // devices, batches, units and drop boxes that must be in
	Received       []string                  // ids of those that are in, this file included
	Due            []Due                     // when units usually report
	CheckIns       map[election.UnitID]int64 // voters checked in plus mail ballots accepted
	Independent    *tally.Sheet              // totals that reached us another way, such as a state's own feed
	Deck           *tally.Sheet              // what the logic-and-accuracy deck must come to
	Second         *tally.Sheet              // the rounds as a second program counted them
	Profiles       []Profile                 // the rules of ranked contests
	Typed          *Typed                    // who typed the numbers, where a person did
	OpenHolds      int                       // holds of earlier files that nobody has closed

	// What is about to happen.
	Release *Release
	Log     []Entry // the public change log, oldest first
}

// Mode says whether votes or test ballots are being counted.
type Mode string

// The modes. Without one, nothing can be said about tests and polling hours.
const (
	Live Mode = "live"
	Test Mode = "test" // logic and accuracy testing
)

// Counting says how the files of a source follow one another.
type Counting string

// How files follow one another. A source that has declared neither is refused:
// Benton County, Arkansas, once added running totals to one another and
// reversed six races.
const (
	Cumulative  Counting = "cumulative"  // each file replaces the last
	Incremental Counting = "incremental" // each file adds to those before
)

// Detail says whether a source tells vote types apart.
type Detail string

// What a source may tell apart.
const (
	ByType    Detail = "by-type"
	TotalOnly Detail = "total-only"
)

// ZeroReport says whether a source has shown that it started from zero.
type ZeroReport string

// The states of a zero report; empty where the office asks for none.
const (
	ZeroSeen   ZeroReport = "seen"
	ZeroAwaits ZeroReport = "awaited"
)

// Source is what a source of files has declared about itself.
type Source struct {
	Counting Counting
	Detail   Detail
	Zero     ZeroReport
	Election string               // what its files call the election; empty: not compared
	Units    []election.UnitID    // that it reports; empty: any
	Contests []election.ContestID // that it reports; empty: all that are on the ballot
	NoBlanks bool                 // a number that is missing is a fault, not "not reported"
}

// Parts says which files of a report have arrived, where it comes in several.
type Parts struct {
	Of   int // 0 or 1: the report is one file
	Have []int
}

// Device is a machine that counted votes.
type Device struct {
	Serial     string
	Definition string   // hash of the definition it was loaded with; empty: not told
	Layouts    []Layout // its contests; empty: not told
}

// Layout is a contest as a device has it.
type Layout struct {
	Contest election.ContestID
	Choices []election.ChoiceID
}

// Batch is a pile of ballots that a device counted once.
type Batch struct {
	Device, ID string
	Ballots    int64
}

// Item is something that must be in before a count is complete.
type Item struct {
	Kind ItemKind
	ID   string
	Name string
}

// ItemKind is what an Item is.
type ItemKind string

// What can be expected.
const (
	ExpectDevice  ItemKind = "device"
	ExpectBatch   ItemKind = "batch"
	ExpectUnit    ItemKind = "unit"
	ExpectDropBox ItemKind = "drop-box"
)

// Due is when a unit should have reported.
type Due struct {
	Unit election.UnitID
	At   time.Time
}

// Profile is the rules by which a ranked contest is counted: skipped and
// duplicate rankings, batch elimination, ties.
type Profile struct {
	Contest  election.ContestID
	Signed   string // hash of the profile that was signed and printed; empty: none was
	SignedBy string
	Used     string // hash of the profile that the tabulator used
}

// Typed says who typed a file's numbers by hand.
type Typed struct {
	By       string
	Second   *tally.Sheet // the same numbers typed again; nil: not yet
	SecondBy string
}

// Release is a publication that is about to happen.
type Release struct {
	UploadedBy, ApprovedBy string
	DiffSeen               bool // the second person looked at what changes
}

// Entry is one line of the public change log.
type Entry struct {
	Version        int
	Hash, Previous string // of this entry and of the one before
	Signed         bool
	Status         election.Status
	Retracts       bool
	Reason         string
}

// Run applies every rule that has what it needs. Findings come in the order of
// the catalogue and, within a rule, of units and contests; the order of rows in
// the file changes nothing. What reading and resolving had Found comes first.
func Run(in Input) []tally.Finding {
	r := start(in)
	r.findings = append(r.findings, in.Found...)
	for i := range Catalogue {
		rule := &Catalogue[i]
		if rule.needs(r) {
			r.apply(rule)
		}
	}
	return r.findings
}

// Application says whether a rule ran.
type Application struct {
	ID  string `json:"id"`
	Ran bool   `json:"ran"`
	// Key is, for a rule that did not run, the words key of what it lacked.
	Key string `json:"key,omitempty"`
}

// Applied says of every rule whether Run would run it on this input.
func Applied(in Input) []Application {
	r := start(in)
	out := make([]Application, len(Catalogue))
	for i, rule := range Catalogue {
		out[i] = Application{ID: rule.ID, Ran: rule.needs(r)}
		if !out[i].Ran {
			out[i].Key = rule.Key + ".needs"
		}
	}
	return out
}

// run is one Input being read, and what the rules share while they do.
type run struct {
	Input
	x       *tally.Index
	rules   Rules
	ballots *ballots
	page    *page // the sheet, laid out; never nil, empty where there is none
	last    *page // the source's latest accepted sheet; nil where there is none

	past    []*page // all of Mine, laid out when first asked for
	others  []*page // Others, the same way
	after   *tally.Tally
	allowed []int         // votes allowed by contest, 0 where not known; made when first asked for
	full    map[pair]bool // contests that balance in most units below a parent
	wide    []bool        // contests that nearly every unit has

	told      map[progressKey]tally.Progress // what the file tells of its progress
	unitVotes [][]int64                      // votes of each unit's contests, sorted
	grouped   [][]int32                      // blocks by contest and county
	subtotals []subtotal
	unitSums  *unitSums

	rule     *Rule
	said     int
	held     tally.Level // worst level among findings beyond the cap
	findings []tally.Finding
}

func start(in Input) *run {
	r := &run{Input: in, x: in.Index, rules: in.Rules.orDefaults(), ballots: newBallots(in.Index)}
	r.page = lay(in.Index, in.Sheet)
	if n := len(in.Mine); n > 0 {
		r.last = lay(in.Index, in.Mine[n-1])
	}
	r.told = progressOf(r.page)
	r.findSubtotals()
	return r
}

// history is the source's earlier sheets, oldest first.
func (r *run) history() []*page {
	if r.past == nil && len(r.Mine) > 0 {
		r.past = make([]*page, len(r.Mine))
		for i, s := range r.Mine[:len(r.Mine)-1] {
			r.past[i] = lay(r.x, s)
		}
		r.past[len(r.Mine)-1] = r.last
	}
	return r.past
}

// beside is the files of other sources.
func (r *run) beside() []*page {
	if r.others == nil && r.Sheet != nil {
		r.others = []*page{}
		for _, o := range r.Others {
			if o.Source != r.Sheet.Source {
				r.others = append(r.others, lay(r.x, o))
			}
		}
	}
	return r.others
}

// whole is the tally as it would be with this file, nil where that cannot be known.
func (r *run) whole() *tally.Tally {
	switch {
	case r.After != nil:
		return r.After
	case r.after == nil && r.Before == nil && r.Sheet != nil:
		sheets := []*tally.Sheet{r.page.sheet}
		for _, o := range r.beside() {
			sheets = append(sheets, o.sheet)
		}
		r.after = tally.Merge(r.x, sheets...)
	}
	return r.after
}

// corrects says whether the file openly corrects earlier numbers: a person
// said why. Many formats cannot call themselves a correction.
func (r *run) corrects() bool { return r.Reason != "" }

func (r *run) status() election.Status {
	if r.Sheet == nil {
		return ""
	}
	return r.Sheet.Status
}

// finished says whether the file calls its count complete.
func (r *run) finished() bool {
	switch r.status() {
	case election.UnofficialComplete, election.Certified, election.Correction, election.Recount:
		return true
	}
	return false
}

// partial says whether the file calls its count still under way.
func (r *run) partial() bool {
	return r.status() == election.PreElection || r.status() == election.UnofficialPartial
}

// apply runs one rule and closes it with a summary where it said too much.
func (r *run) apply(rule *Rule) {
	r.rule, r.said, r.held = rule, 0, ""
	rule.run(r)
	if more := r.said - r.rules.MostFindings; more > 0 && !rule.uncapped {
		r.findings = append(r.findings, tally.Finding{
			Check: rule.ID, Level: r.held, Key: "results.check.more",
			Args: map[string]string{"check": rule.ID, "n": strconv.Itoa(more), "shown": strconv.Itoa(r.rules.MostFindings)},
		})
	}
}

// spot is where a finding is: any part may be absent.
type spot struct {
	unit, contest, choice int32
	typ                   int16
	line                  int32
}

const absent = int32(-1 << 31)

func nowhere() spot               { return spot{unit: absent, contest: absent, choice: absent, typ: -1} }
func atUnit(u int32) spot         { s := nowhere(); s.unit = u; return s }
func atContest(c int32) spot      { s := nowhere(); s.contest = c; return s }
func atBlock(b *block) spot       { s := atUnit(b.unit); s.contest, s.line = b.contest, b.line; return s }
func atCell(c tally.Cell) spot    { return spot{c.Unit, c.Contest, c.Choice, c.Type, c.Line} }
func (s spot) in(c int32) spot    { s.contest = c; return s }
func (s spot) at(c int32) spot    { s.choice = c; return s }
func (s spot) of(t int16) spot    { s.typ = t; return s }
func (s spot) on(line int32) spot { s.line = line; return s }

// say adds a finding of the rule that is running. The sentence is the rule's
// own, or its variant; args are names and values in turn.
func (r *run) say(level tally.Level, variant string, at spot, args ...any) {
	r.said++
	if r.said > r.rules.MostFindings && !r.rule.uncapped {
		if level.Rank() >= r.held.Rank() {
			r.held = level
		}
		return
	}
	f := tally.Finding{Check: r.rule.ID, Level: level, Key: r.rule.Key, Line: int(at.line)}
	if variant != "" {
		f.Key += "." + variant
	}
	f.Args = make(map[string]string, len(args)/2+4)
	if at.unit >= 0 {
		f.Unit = r.x.UnitName(at.unit)
		f.Args["unit"] = f.Unit
	}
	if at.contest >= 0 {
		f.Contest = r.contestName(at.contest)
		f.Args["contest"] = f.Contest
	}
	if at.choice != absent {
		f.Choice = r.x.ChoiceName(at.contest, at.choice)
		f.Args["choice"] = f.Choice
		f.Args["row"] = f.Choice
		if at.contest >= 0 {
			f.Args["row"] = f.Contest + ", " + f.Choice
		}
	}
	if at.typ >= 0 {
		f.Args["type"] = r.typeName(at.typ)
	}
	if at.line > 0 {
		f.Args["line"] = strconv.Itoa(int(at.line))
	}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = r.plain(args[i+1])
	}
	r.findings = append(r.findings, f)
}

// plain writes an argument of a sentence: whole numbers as plain digits,
// percentages with one decimal, times in the election's own zone.
func (r *run) plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case time.Time:
		return v.In(r.x.Def.Election.Zone()).Format("2006-01-02 15:04 MST")
	}
	panic("check: a sentence was given something that is neither a word nor a number")
}

func (r *run) contestName(c int32) string { return r.x.Def.Contests[c].Name.String() }

func (r *run) typeName(t int16) string {
	if t == tally.TotalType {
		return "total"
	}
	return r.x.Def.VoteTypes[t-1].Name.String()
}
