// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hustings/format/sheet"
	"hustings/format/vri"
	"hustings/kit/fault"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

type registryCheck struct {
	Files []string `arg:"" name:"file" help:"Rolls or intakes: Voter Records Interchange (JSON, XML), the layout of North Carolina, CSV, Excel; also packed with gzip or zip."`
	Lines int      `help:"How many of the lines that could not be used to name." default:"1000"`
	JSON  bool     `name:"json" help:"As JSON."`
}

// holding is what a file holds.
type holding struct {
	Path       string         `json:"path"`
	Kind       file.Kind      `json:"kind"`
	Encoding   string         `json:"encoding"`
	Records    int            `json:"records"`
	LeftOut    int            `json:"left_out"`
	Statuses   map[string]int `json:"statuses"`
	Parties    map[string]int `json:"parties"`
	States     map[string]int `json:"states"`
	Counties   map[string]int `json:"counties,omitempty"`
	Asks       map[string]int `json:"requests,omitempty"`
	Births     span           `json:"births"`
	Registered span           `json:"registered"`
	Missing    map[string]int `json:"missing"`
	Protected  int            `json:"protected"`
	Repeated   int            `json:"repeated_ids"`
	Repeats    []repeat       `json:"repeats,omitempty"`
	Used       []file.Use     `json:"columns,omitempty"`
	Ignored    []string       `json:"columns_not_used,omitempty"`
	Dropped    map[string]int `json:"not_taken_over,omitempty"`
	Troubles   []file.Trouble `json:"troubles"`
	More       int            `json:"more_troubles"`
	Failed     string         `json:"failed,omitempty"` // why it was not read to its end
}

// span is the first and the last of some days.
type span struct {
	First string `json:"first,omitempty"`
	Last  string `json:"last,omitempty"`
}

func (s *span) take(day string) {
	if day == "" {
		return
	}
	if s.First == "" || day < s.First {
		s.First = day
	}
	s.Last = max(s.Last, day)
}

// repeat is a number that several lines have.
type repeat struct {
	Line  int `json:"line"`
	First int `json:"first_line"`
}

// most values of one kind that are counted apart; a column that has more of
// them holds something else.
const mostValues = 500

func count(m map[string]int, value string) {
	if _, have := m[value]; !have && len(m) >= mostValues {
		value = "(others)"
	}
	m[value]++
}

func (c registryCheck) Run(_ context.Context, t *terminal) error {
	defer t.roomy()()
	answer := struct {
		Files []holding `json:"files"`
	}{[]holding{}}
	code := exitOK
	step := t.progress("reading")
	for i, path := range c.Files {
		h, err := c.look(path)
		if err != nil {
			return err
		}
		answer.Files = append(answer.Files, h)
		switch {
		case h.Failed != "":
			code = exitBlocked
		case h.LeftOut+h.Repeated > 0 && code == exitOK:
			code = exitHeld
		}
		step(i+1, len(c.Files))
	}
	if c.JSON {
		if err := t.json(answer); err != nil {
			return err
		}
	} else {
		for i := range answer.Files {
			t.printHolding(&answer.Files[i])
		}
	}
	if code != exitOK {
		return exitStatus(code)
	}
	return nil
}

// look reads one file.
func (c registryCheck) look(path string) (holding, error) {
	h := holding{Path: path, Statuses: map[string]int{}, Parties: map[string]int{}, States: map[string]int{}, Counties: map[string]int{},
		Asks: map[string]int{}, Missing: map[string]int{}, Troubles: []file.Trouble{}}
	in, err := openPeople(path)
	if err != nil {
		return h, err
	}
	defer in.Close()
	lim := file.Limits
	lim.Problems = max(1, c.Lines)
	seen := newNumbers()
	src, err := file.Read(filepath.Base(path), in, file.Options{Limits: lim}, func(r *file.Record) error {
		h.take(r, seen)
		return nil
	})
	h.Kind, h.Encoding, h.Records, h.LeftOut = src.Kind, src.Encoding, src.Records, src.LeftOut
	h.Used, h.Ignored, h.Dropped, h.More = src.Used, src.Ignored, src.Dropped, src.More
	if src.Troubles != nil {
		h.Troubles = src.Troubles
	}
	if n := len(h.Troubles) - max(0, c.Lines); n > 0 {
		h.Troubles, h.More = h.Troubles[:max(0, c.Lines)], h.More+n
	}
	switch {
	case err == nil:
		return h, nil
	case src.Kind == "" || src.Records == 0 && src.LeftOut == 0:
		return h, naming(path, err)
	}
	h.Failed = err.Error()
	return h, nil
}

// take counts a record.
func (h *holding) take(r *file.Record, seen *numbers) {
	v := &r.Voter
	count(h.Statuses, cmp.Or(string(v.State), "(none)"))
	count(h.Parties, cmp.Or(string(v.Party), "(none)"))
	count(h.States, cmp.Or(v.Home.State, "(none)"))
	if v.County != "" {
		count(h.Counties, v.County)
	}
	for _, a := range r.Asks {
		count(h.Asks, a)
	}
	if v.Birth == "" && v.Year > 0 {
		h.Births.take(fmt.Sprintf("%04d", v.Year))
	}
	h.Births.take(string(v.Birth))
	h.Registered.take(string(v.Registered))
	if v.Protected != "" {
		h.Protected++
	}
	for _, x := range [...]struct {
		what    string
		missing bool
	}{
		{"id", v.ID == ""}, {"first name", v.Name.First == "" && v.Name.Full == ""}, {"last name", v.Name.Last == "" && v.Name.Full == ""},
		{"birth date", v.Birth == "" && v.Year == 0}, {"residence", v.Home.Street == "" && v.Home.Line() == ""}, {"ZIP code", v.Home.ZIP == ""},
		{"precinct", v.Precinct == ""}, {"registration date", v.Registered == ""},
	} {
		if x.missing {
			h.Missing[x.what]++
		}
	}
	if v.ID == "" {
		return
	}
	if first, have := seen.first(v.ID, r.Line); have {
		h.Repeated++
		if len(h.Repeats) < 100 {
			h.Repeats = append(h.Repeats, repeat{Line: r.Line, First: first})
		}
	}
}

// numbers remembers on which line each number of a voter stood first. It keeps
// hashes of 64 bits, so that a roll of millions needs little memory: two numbers
// of a hundred million are taken for one with a chance of one in four thousand.
type numbers struct {
	seed  maphash.Seed
	lines map[uint64]int32
}

func newNumbers() *numbers {
	return &numbers{seed: maphash.MakeSeed(), lines: make(map[uint64]int32)}
}

func (n *numbers) first(id roll.ID, line int) (int, bool) {
	key := maphash.String(n.seed, string(id))
	first, have := n.lines[key]
	if !have {
		n.lines[key] = int32(min(line, math.MaxInt32))
	}
	return int(first), have
}

func (t *terminal) printHolding(h *holding) {
	fmt.Fprintf(t.out, "%s\n  %s · %s · %d records · %d left out · %d protected\n", h.Path, h.Kind, h.Encoding, h.Records, h.LeftOut, h.Protected)
	for _, part := range []struct {
		what string
		m    map[string]int
	}{{"statuses", h.Statuses}, {"parties", h.Parties}, {"states", h.States}, {"counties", h.Counties}, {"requests", h.Asks}, {"missing", h.Missing}, {"not taken over", h.Dropped}} {
		if len(part.m) > 0 {
			fmt.Fprintf(t.out, "  %s: %s\n", part.what, commonest(part.m, 12))
		}
	}
	if h.Births.First != "" {
		fmt.Fprintf(t.out, "  born: %s to %s\n", h.Births.First, h.Births.Last)
	}
	if h.Registered.First != "" {
		fmt.Fprintf(t.out, "  registered: %s to %s\n", h.Registered.First, h.Registered.Last)
	}
	if len(h.Ignored) > 0 {
		fmt.Fprintf(t.out, "  columns not used: %s\n", strings.Join(h.Ignored, ", "))
	}
	for i, x := range h.Repeats {
		if i == 10 {
			break
		}
		fmt.Fprintf(t.out, "  line %d has the same number as line %d\n", x.Line, x.First)
	}
	if h.Repeated > min(10, len(h.Repeats)) {
		fmt.Fprintf(t.out, "  %d lines in all have a number that a line before has\n", h.Repeated)
	}
	for _, x := range h.Troubles {
		fmt.Fprintf(t.out, "  %s\n", x)
	}
	if h.More > 0 {
		fmt.Fprintf(t.out, "  and %d more of the like\n", h.More)
	}
	if h.Failed != "" {
		fmt.Fprintf(t.out, "  not read to its end: %s\n", h.Failed)
	}
}

// commonest lists what is counted, the most frequent first.
func commonest(m map[string]int, most int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], strings.Compare(a, b)) })
	var out []string
	for i, k := range keys {
		if i == most {
			out = append(out, fmt.Sprintf("%d more kinds", len(keys)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}

type registryConvert struct {
	In      string `arg:"" help:"A roll or an intake of any kind that 'registry check' knows."`
	To      string `help:"What to write: vri-json, vri-xml, nc (the voter file of North Carolina), csv or xlsx." required:"" enum:"vri-json,vri-xml,nc,csv,xlsx"`
	Out     string `help:"Where to write it; - for standard output." required:"" placeholder:"PATH"`
	Private bool   `help:"Write protected voters too, and birth dates and identifiers into public layouts (nc, csv, xlsx)."`
	JSON    bool   `name:"json" help:"Say what was read and written as JSON."`
}

// converted is what the command says about a run.
type converted struct {
	In       string         `json:"in"`
	Kind     file.Kind      `json:"kind"`
	Out      string         `json:"out"`
	To       string         `json:"to"`
	Read     int            `json:"read"`
	LeftOut  int            `json:"left_out_of_input"`
	Dropped  map[string]int `json:"not_taken_over"`
	Written  file.Report    `json:"written"`
	Troubles []file.Trouble `json:"troubles"`
	More     int            `json:"more_troubles"`
}

func (c registryConvert) Run(_ context.Context, t *terminal) error {
	defer t.roomy()()
	if in, err := os.Stat(c.In); err == nil && c.Out != "-" {
		if out, err := os.Stat(c.Out); err == nil && os.SameFile(in, out) {
			return fault.New(fault.Invalid, "%s cannot be read and written at once; give another --out", c.In)
		}
	}
	report := converted{In: c.In, Out: c.Out, To: c.To}
	err := t.write(c.Out, func(w io.Writer) error {
		done, err := c.message(w, &report)
		if done || err != nil {
			return err
		}
		return c.roll(w, &report)
	})
	if err != nil {
		return err
	}
	if public := slices.Contains([]string{"nc", "csv", "xlsx"}, c.To) && !c.Private; !public && c.Out != "-" {
		if err := os.Chmod(c.Out, 0o600); err != nil {
			return unwritten(c.Out, err)
		}
	}
	return c.say(t, &report)
}

// message converts a single message of Voter Records Interchange into its other
// spelling, with everything in it.
func (c registryConvert) message(w io.Writer, report *converted) (done bool, err error) {
	as, ok := map[string]vri.Spelling{"vri-json": vri.JSON, "vri-xml": vri.XML}[c.To]
	if !ok {
		return false, nil
	}
	in, err := openPeople(c.In)
	if err != nil {
		return false, err
	}
	defer in.Close()
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(in, head)
	if _, err := in.Seek(0, io.SeekStart); err != nil || !vri.Looks(head[:n]) {
		return false, err
	}
	var only *vri.Message
	several := errors.New("several")
	src, err := vri.Each(filepath.Base(c.In), in, sheet.Limits{Bytes: file.Limits.Bytes, Problems: file.Limits.Problems}, func(m vri.Message) error {
		if only != nil || m.Record != nil || m.Results != nil {
			return several // a roll goes record by record
		}
		only = &m
		return nil
	})
	if errors.Is(err, several) {
		return false, nil
	}
	if err != nil {
		return false, naming(c.In, err)
	}
	return true, c.writeMessage(w, as, only, src, report)
}

func (c registryConvert) writeMessage(w io.Writer, as vri.Spelling, m *vri.Message, src *vri.Source, report *converted) error {
	report.Kind, report.Read = file.Kind("vri-"+string(src.Spelling)), 1
	for _, p := range src.Problems.List {
		report.Troubles = append(report.Troubles, file.Trouble{Line: p.Line, Field: p.Field, What: p.Say})
	}
	report.More = src.Problems.More
	if q := m.Request; q != nil && q.Subject != nil && !c.Private && slices.ContainsFunc(q.Subject.VoterClassification, func(x vri.VoterClassification) bool {
		return x.Type == "protected-voter" && x.Assertion == "yes"
	}) {
		return fault.New(fault.Denied, "the request in %s is of a protected voter; it is written with --private only", c.In)
	}
	report.Troubles = append(report.Troubles, loosened(m.Request)...)
	if err := vri.Write(w, as, *m); err != nil {
		var invalid *vri.Invalid
		if errors.As(err, &invalid) {
			return fault.Wrap(fault.Invalid, err, "%s: %s", c.In, err)
		}
		return err
	}
	report.Written = file.Report{Records: 1, Losses: []file.Loss{}}
	return nil
}

// loosened makes addresses fit to be written whose ZIP codes are none, and says
// which.
func loosened(q *vri.VoterRecordsRequest) (out []file.Trouble) {
	if q == nil || q.Subject == nil {
		return nil
	}
	for name, a := range map[string]*vri.Address{"ResidenceAddress": q.Subject.ResidenceAddress, "MailingAddress": q.Subject.MailingAddress, "PreviousResidenceAddress": q.Subject.PreviousResidenceAddress} {
		if a != nil && a.Loosen() {
			out = append(out, file.Trouble{Field: name, What: "its city, state and ZIP code are not as the standard wants them", Remedy: "they were written as one line"})
		}
	}
	slices.SortFunc(out, func(a, b file.Trouble) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// roll converts voter by voter.
func (c registryConvert) roll(w io.Writer, report *converted) error {
	in, err := openPeople(c.In)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := file.NewWriter(w, file.Kind(c.To), file.Choices{Private: c.Private})
	if err != nil {
		return err
	}
	src, err := file.Read(filepath.Base(c.In), in, file.Options{}, out.Write)
	if err != nil {
		return naming(c.In, err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	report.Kind, report.Read, report.LeftOut, report.Dropped = src.Kind, src.Records, src.LeftOut, src.Dropped
	report.Troubles, report.More, report.Written = src.Troubles, src.More, out.Report()
	return nil
}

// say reports on the error output, so that the file may go to the standard one.
func (c registryConvert) say(t *terminal, r *converted) error {
	if c.JSON {
		if c.Out == "-" {
			return (&terminal{out: t.err}).json(r)
		}
		return t.json(r)
	}
	fmt.Fprintf(t.err, "%s (%s): %d records read, %d left out\n", r.In, r.Kind, r.Read, r.LeftOut)
	for _, what := range slices.Sorted(maps.Keys(r.Dropped)) {
		fmt.Fprintf(t.err, "  the roll has no place for %s (%d times)\n", what, r.Dropped[what])
	}
	const most = 20
	for i, x := range r.Troubles {
		if i == most {
			fmt.Fprintf(t.err, "  and %d more; see 'hustings registry check %s'\n", len(r.Troubles)-most+r.More, r.In)
			break
		}
		fmt.Fprintf(t.err, "  %s\n", x)
	}
	fmt.Fprintf(t.err, "%s (%s): %d records written\n", r.Out, r.To, r.Written.Records)
	if r.Written.Protected > 0 {
		fmt.Fprintf(t.err, "  %d protected voters were left out; --private writes them\n", r.Written.Protected)
	}
	if r.Written.LeftOut > 0 {
		fmt.Fprintf(t.err, "  %d records could not be written\n", r.Written.LeftOut)
	}
	for _, l := range r.Written.Losses {
		fmt.Fprintf(t.err, "  not carried: %s (%d times)\n", l.What, l.N)
	}
	return nil
}
