// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"pgregory.net/rapid"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/seal"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/registry/roll"
)

// desk is the room on a database of its own, with a clock that a test sets.
type desk struct {
	*Letters
	t   testing.TB
	ctx context.Context
	now time.Time
}

func openDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	catalog, err := words.New("es")
	k.must(err)
	k.must(catalog.Add(sentences))
	k.Letters = New(Deps{DB: d, Now: func() time.Time { return k.now }, Jurisdiction: dbtest.Jurisdiction, Sealer: &seal.Sealer{Keys: newVault(t)}, Words: catalog, Zone: time.UTC,
		Office: Office{Name: "Vale County Elections", Address: []string{"1 Court Square", "Vale, XX 00501"}, Phone: "555-010-0100", Email: "office@vale.example"}})
	k.ctx = who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: k.Jurisdiction, Via: who.Browser})
	return k
}

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func sources() []db.Source {
	return []db.Source{job.Source(), {Room: "letters", FS: migrations}}
}

// vault is one key for every purpose, in memory.
type vault struct{ tink.AEAD }

func newVault(t testing.TB) vault {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return vault{a}
}

func (k vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (vault) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

// to is a mailing address with a ZIP code.
func to(zip string) To {
	return To{Name: []string{"María García-López"}, Mail: roll.Address{Number: "12", Street: "Elm", Type: "ST", City: "Vale", State: "XX", ZIP: zip}}
}

// ack is an acknowledgement for a cause.
func ack(cause, zip string) Letter {
	return Letter{Kind: Acknowledgement, Language: "en", To: to(zip), About: "v-" + cause, Cause: cause, Fields: map[string]string{"received": "September 1, 2026"}}
}

func (k *desk) write(l Letter) string {
	k.t.Helper()
	number, err := k.Write(k.ctx, l)
	k.must(err)
	return number
}

func (k *desk) letter(number string) Kept {
	k.t.Helper()
	l, err := k.Letter(k.ctx, number)
	k.must(err)
	return l
}

// made makes a batch of all acknowledgements.
func (k *desk) made() Batch {
	k.t.Helper()
	b, err := k.Make(k.ctx, []Kind{Acknowledgement})
	k.must(err)
	return b
}

func (k *desk) fetched(b Batch) []byte {
	k.t.Helper()
	var out bytes.Buffer
	k.must(k.Fetch(k.ctx, b.ID, func(Batch) io.Writer { return &out }))
	return out.Bytes()
}

// facts counts the facts of a name.
func (k *desk) facts(name string) int {
	k.t.Helper()
	list, err := (&ledger.Ledger{DB: k.DB}).Named(k.ctx, k.Jurisdiction, name)
	k.must(err)
	return len(list)
}

func TestALetterFromTemplateToReturn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		far, near := k.write(ack("a2", "99501")), k.write(ack("a1", "00501-1234"))
		if again := k.write(ack("a2", "99501")); again != far {
			t.Errorf("a letter for the same cause got the number %s, the first %s", again, far)
		}
		b := k.made()
		if b.State != Made || b.Letters != 2 || b.Pages != 2 {
			t.Fatalf("%+v", b)
		}
		lines, err := k.Manifest(k.ctx, b.ID)
		k.must(err)
		if len(lines) != 2 || lines[0].Letter != near || lines[1].Letter != far || lines[0].ZIP != "00501" {
			t.Errorf("the manifest is not sorted by ZIP code: %+v", lines)
		}
		file := k.fetched(b)
		if h := sha256.Sum256(file); hex.EncodeToString(h[:]) != b.SHA256 {
			t.Error("the file is not the one that was made")
		}
		if k.letter(near).State != Batched {
			t.Errorf("before the printer's confirmation the letter is %s", k.letter(near).State)
		}
		k.must(k.Confirm(k.ctx, b.ID, Receipt{Printed: 1, SHA256: strings.ToUpper(b.SHA256), Spoiled: []int64{2}}))
		k.must(k.Confirm(k.ctx, b.ID, Receipt{Printed: 1, SHA256: b.SHA256, Spoiled: []int64{2}}))
		if k.letter(near).State != Issued || k.letter(far).State != Written {
			t.Errorf("issued %s, spoiled %s", k.letter(near).State, k.letter(far).State)
		}
		if !bytes.Equal(k.fetched(b), file) {
			t.Error("the file of a confirmed batch changed")
		}
		out, err := k.Return(k.ctx, Return{Number: " " + strings.ToLower(Hyphens(near)), Why: Forwarded, New: &roll.Address{Lines: []string{"1 New Rd"}, City: "Dale", State: "XX", ZIP: "00502"}})
		k.must(err)
		if out.State != Returned || out.New == nil || out.New.City != "Dale" {
			t.Errorf("%+v", out)
		}
		if out, err = k.Return(k.ctx, Return{Number: near, Why: ByCard}); err != nil || out.State != Answered || out.New == nil {
			t.Errorf("answered after it was forwarded: %+v %v", out, err)
		}
		if out, err = k.Undo(k.ctx, near); err != nil || out.State != Returned || out.Why != Forwarded || out.New == nil {
			t.Errorf("the answer undone: %+v %v", out, err)
		}
		if out, err = k.Undo(k.ctx, near); err != nil || out.State != Issued || out.New != nil {
			t.Errorf("the return undone: %+v %v", out, err)
		}
		for name, want := range map[string]int{event.LetterWritten{}.Name(): 2, event.LettersBatched{}.Name(): 1, event.LetterIssued{}.Name(): 1,
			event.LetterReturned{}.Name(): 1, event.LetterAnswered{}.Name(): 1, event.LetterReturnUndone{}.Name(): 2} {
			if got := k.facts(name); got != want {
				t.Errorf("%d facts %s, want %d", got, name, want)
			}
		}
	}, sources()...)
}

func TestWhatIsRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		written := k.write(ack("w", "00501"))
		withdrawn := k.write(ack("x", "00501"))
		k.must(k.Withdraw(k.ctx, withdrawn, "sent by mistake"))
		other := ack("y", "00501")
		other.Kind, other.Fields = Duplicate, map[string]string{"received": "today"}
		k.write(other)
		b, err := k.Make(k.ctx, []Kind{Duplicate})
		k.must(err)
		with := func(change func(*Letter)) func() error {
			l := ack("new", "00501")
			l.Fields = map[string]string{"received": "today"}
			change(&l)
			return func() error { _, err := k.Write(k.ctx, l); return err }
		}
		returned := func(number string, why Reason) func() error {
			return func() error { _, err := k.Return(k.ctx, Return{Number: number, Why: why}); return err }
		}
		confirm := func(c Receipt) func() error { return func() error { return k.Confirm(k.ctx, b.ID, c) } }
		for _, tt := range []struct {
			name string
			do   func() error
			want fault.Kind
			says string
		}{
			{"a kind that is not", with(func(l *Letter) { l.Kind = "greeting" }), fault.Invalid, "greeting"},
			{"nobody to write to", with(func(l *Letter) { l.To.Name = []string{" "} }), fault.Invalid, "name is missing"},
			{"no address", with(func(l *Letter) { l.To.Mail = roll.Address{City: "Vale"} }), fault.Invalid, "mailing address"},
			{"a field that is not", with(func(l *Letter) { l.Fields["recieved"] = "x" }), fault.Invalid, "received, effective"},
			{"a field that is missing", with(func(l *Letter) { delete(l.Fields, "received") }), fault.Invalid, "must say received"},
			{"a field without an end", with(func(l *Letter) { l.Fields["place"] = strings.Repeat("x", mostField+1) }), fault.TooLarge, "place"},
			{"no cause", with(func(l *Letter) { l.Cause = "" }), fault.Invalid, "what led to it"},
			{"a language that is not", with(func(l *Letter) { l.Language = "klingon!" }), fault.Invalid, "klingon"},
			{"nothing to print", func() error { _, err := k.Make(k.ctx, []Kind{Denial}); return err }, fault.Conflict, "No letter"},
			{"no kinds", func() error { _, err := k.Make(k.ctx, nil); return err }, fault.Invalid, "at least one"},
			{"withdrawn twice", func() error { return k.Withdraw(k.ctx, withdrawn, "") }, fault.Conflict, "does not wait"},
			{"a number with a wrong digit", returned("0000-0000-0001", Moved), fault.Invalid, "mistyped"},
			{"a number of no letter", returned("000000000000", Moved), fault.NotFound, "no such letter"},
			{"back before it went out", returned(written, Moved), fault.Conflict, "still waits"},
			{"back and withdrawn", returned(withdrawn, Moved), fault.Conflict, "withdrawn"},
			{"forwarded to nowhere", returned(written, Forwarded), fault.Invalid, "new address"},
			{"a reason that is not", returned(written, "eaten"), fault.Invalid, "eaten"},
			{"undone what was not", func() error { _, err := k.Undo(k.ctx, written); return err }, fault.Conflict, "Nothing was taken down"},
			{"another file", confirm(Receipt{Printed: 1, SHA256: sum("x")}), fault.Conflict, b.SHA256},
			{"too few", confirm(Receipt{Printed: 0, SHA256: b.SHA256}), fault.Conflict, "the batch has 1"},
			{"spoiled what is not there", confirm(Receipt{Printed: 0, SHA256: b.SHA256, Spoiled: []int64{2}}), fault.Invalid, "1 to 1"},
			{"spoiled twice", confirm(Receipt{Printed: -1, SHA256: b.SHA256, Spoiled: []int64{1, 1}}), fault.Invalid, "twice"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				err := tt.do()
				if fault.KindOf(err) != tt.want || !strings.Contains(fmt.Sprint(err), tt.says) {
					t.Errorf("got %v, want %s with %q", err, tt.want, tt.says)
				}
			})
		}
		k.must(k.CancelBatch(k.ctx, b.ID, "wrong paper"))
		if err := confirm(Receipt{Printed: 1, SHA256: b.SHA256})(); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "cancelled") {
			t.Errorf("a cancelled batch was confirmed: %v", err)
		}
		if err := k.Fetch(k.ctx, b.ID, func(Batch) io.Writer { return io.Discard }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a cancelled batch was fetched: %v", err)
		}
	}, sources()...)
}

func TestWhatCannotBePrintedWaits(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		l := ack("c", "00501")
		l.To.Name = []string{"王小明"}
		held := k.write(l)
		tall := ack("d", "00501")
		tall.To = To{Name: []string{"One", "Two"}, Mail: roll.Address{Lines: []string{"a", "b", "c"}, City: "Vale", ZIP: "00501"}}
		k.write(tall)
		k.write(ack("e", "00501"))
		if b := k.made(); b.Letters != 1 {
			t.Errorf("%d letters in the batch, want the one that can be printed", b.Letters)
		}
		waiting, err := k.Held(k.ctx)
		k.must(err)
		if len(waiting) != 2 || k.letter(held).Problem != "王小明" {
			t.Errorf("%+v", waiting)
		}
		queue, err := k.Queue(k.ctx)
		k.must(err)
		if len(queue) != 1 || queue[0].Letters != 2 || queue[0].Held != 2 || !queue[0].Oldest.Equal(k.now) {
			t.Errorf("%+v", queue)
		}
	}, sources()...)
}

func TestALargeBatchIsMadeByAJob(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		for i := range atOnce + 1 {
			k.write(ack(fmt.Sprint("j", i), fmt.Sprintf("%05d", i%7)))
		}
		b := k.made()
		if b.State != Making || b.Job == "" {
			t.Fatalf("%+v", b)
		}
		if err := k.Fetch(k.ctx, b.ID, func(Batch) io.Writer { return io.Discard }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("fetched before it was made: %v", err)
		}
		ctx, stop := context.WithCancel(k.ctx)
		defer stop()
		ended := make(chan error, 1)
		jobs := &job.Jobs{DB: d}
		go func() { ended <- jobs.Run(ctx, k.Room().Jobs, nil) }()
		for b.State == Making {
			time.Sleep(20 * time.Millisecond)
			var err error
			b, err = k.Batch(k.ctx, b.ID)
			k.must(err)
		}
		stop()
		<-ended
		if b.State != Made || b.Letters != atOnce+1 || b.Pages != b.Letters {
			t.Errorf("%+v", b)
		}
		if _, err := k.Finish(k.ctx, b.ID, nil); err != nil || k.facts(event.LettersBatched{}.Name()) != 1 {
			t.Errorf("made a second time: %v", err)
		}
	}, sources()...)
}

func TestTheOfficesOwnTemplate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		first := k.write(ack("t1", "00501"))
		b := k.made()
		before := k.fetched(b)
		k.must(k.KeepTemplate(k.ctx, Acknowledgement, "en", "# Welcome\n\nDear {name}, of {received}.\n\n{place}"))
		k.must(k.KeepTemplate(k.ctx, Acknowledgement, "en", "# Welcome\n\nDear {name}, of {received}.\n\n{place}"))
		if n := k.facts(event.LetterTemplateKept{}.Name()); n != 1 {
			t.Errorf("%d facts of a template that was kept twice as it is", n)
		}
		if !bytes.Equal(before, k.fetched(b)) {
			t.Error("a batch that was made changed with its template")
		}
		title := func(number string) string {
			l := k.letter(number)
			p, _, err := k.Paper(k.ctx, &l)
			k.must(err)
			return p.Body[0].Text
		}
		second := k.write(ack("t2", "00501"))
		if title(first) != "You are registered to vote" || title(second) != "Welcome" {
			t.Errorf("%q, then %q", title(first), title(second))
		}
		l := ack("t3", "00501")
		l.Language = "vi"
		third := k.write(l)
		if title(third) != "Welcome" {
			t.Errorf("without a template in Vietnamese: %q", title(third))
		}
		k.must(k.KeepTemplate(k.ctx, Acknowledgement, "vi", "# Quý vị đã ghi danh bầu cử\n\n{name}"))
		if title(third) != "Quý vị đã ghi danh bầu cử" {
			t.Errorf("with one: %q", title(third))
		}
		k.must(k.ResetTemplate(k.ctx, Acknowledgement, "en"))
		if title(second) != "You are registered to vote" {
			t.Errorf("reset: %q", title(second))
		}
		if err := k.ResetTemplate(k.ctx, Acknowledgement, "en"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("reset twice: %v", err)
		}
		all, err := k.Templates(k.ctx)
		k.must(err)
		if len(all) != 2*len(Kinds())+1 {
			t.Errorf("%d templates", len(all))
		}
	}, sources()...)
}

func TestOtherOfficesSeeNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		number := k.write(ack("o", "00501"))
		b := k.made()
		k.Jurisdiction = dbtest.Jurisdiction + "/place:other"
		if _, err := k.Letter(k.ctx, number); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a letter: %v", err)
		}
		if _, err := k.Batch(k.ctx, b.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a batch: %v", err)
		}
		if list, err := k.About(k.ctx, "v-o"); err != nil || len(list) > 0 {
			t.Errorf("%v %v", list, err)
		}
	}, sources()...)
}

func TestWhatIsPrivateIsSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		number := k.write(ack("s", "00501"))
		k.must(k.Confirm(k.ctx, k.made().ID, k.receipt()))
		_, err := k.Return(k.ctx, Return{Number: number, Why: Forwarded, New: &roll.Address{Lines: []string{"1 Hidden Rd"}, City: "Dale"}})
		k.must(err)
		var content, forward []byte
		k.must(d.QueryRowContext(k.ctx, `select content, forward from letters_letter where id = $1`, number).Scan(&content, &forward))
		entries, err := (&ledger.Ledger{DB: d}).Tail(k.ctx, k.Jurisdiction, 0, 100)
		k.must(err)
		all := string(content) + string(forward)
		for _, e := range entries {
			all += string(e.Data)
		}
		for _, private := range []string{"García", "Elm", "Hidden", "September"} {
			if strings.Contains(all, private) {
				t.Errorf("%s can be read at rest", private)
			}
		}
		if len(forward) == 0 || len(entries) == 0 {
			t.Error("nothing was kept")
		}
	}, sources()...)
}

// receipt confirms the newest batch whole.
func (k *desk) receipt() Receipt {
	k.t.Helper()
	list, err := k.Batches(k.ctx)
	k.must(err)
	return Receipt{Printed: list[0].Letters, SHA256: list[0].SHA256}
}

func TestNumbers(t *testing.T) {
	seen := make(map[string]bool)
	for range 200 {
		n := newNumber()
		got, ok := ReadNumber(" " + strings.ToLower(Hyphens(n)))
		if !ok || got != n || seen[n] {
			t.Fatalf("%s reads as %s, %v", n, got, ok)
		}
		seen[n] = true
		for i := range n {
			for _, wrong := range alphabet {
				if byte(wrong) != n[i] {
					if _, ok := ReadNumber(n[:i] + string(wrong) + n[i+1:]); ok {
						t.Fatalf("%s with %c at %d passes", n, wrong, i)
					}
				}
			}
		}
	}
	for _, wrong := range []string{"", "1", "ññññññññññññ", strings.Repeat("0", 1000)} {
		if _, ok := ReadNumber(wrong); ok {
			t.Errorf("%q passes", wrong)
		}
	}
}

func TestReadPlaces(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []int64
		bad        bool
	}{
		{"none", "  ", nil, false},
		{"one and a span", "3, 17-20;25", []int64{3, 17, 18, 19, 20, 25}, false},
		{"a long hyphen", "1–2", []int64{1, 2}, false},
		{"too far", "31", nil, true},
		{"backwards", "9-3", nil, true},
		{"words", "the third", nil, true},
		{"more than there are", "1-30 1-30", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadPlaces(tt.text, 30)
			if !slices.Equal(got, tt.want) || (err != nil) != tt.bad {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

// TestEachLetterIsIssuedOnce plays batches, confirmations, spoilings, cancels,
// withdrawals and returns in any order.
func TestEachLetterIsIssuedOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			k := openDesk(t, d)
			k.Jurisdiction += fmt.Sprintf("/place:p%d", run)
			k.ctx = who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: k.Jurisdiction, Via: who.Browser})
			var letters, batches []string
			r.Repeat(map[string]func(*rapid.T){
				"write": func(r *rapid.T) {
					letters = append(letters, k.write(ack(fmt.Sprint(len(letters)), fmt.Sprintf("%05d", rapid.IntRange(0, 3).Draw(r, "zip")))))
				},
				"batch": func(r *rapid.T) {
					b, err := k.Make(k.ctx, []Kind{Acknowledgement})
					if fault.KindOf(err) == fault.Conflict {
						r.Skip("nothing waits")
					}
					k.must(err)
					batches = append(batches, b.ID)
				},
				"confirm": func(r *rapid.T) {
					if len(batches) == 0 {
						r.Skip("no batch")
					}
					b, err := k.Batch(k.ctx, rapid.SampledFrom(batches).Draw(r, "batch"))
					k.must(err)
					spoiled := rapid.SliceOfNDistinct(rapid.Int64Range(1, b.Letters), 0, int(b.Letters), rapid.ID[int64]).Draw(r, "spoiled")
					_ = k.Confirm(k.ctx, b.ID, Receipt{Printed: b.Letters - int64(len(spoiled)), SHA256: b.SHA256, Spoiled: spoiled})
				},
				"cancel": func(r *rapid.T) {
					if len(batches) > 0 {
						_ = k.CancelBatch(k.ctx, rapid.SampledFrom(batches).Draw(r, "batch"), "")
					}
				},
				"withdraw": func(r *rapid.T) {
					if len(letters) > 0 {
						_ = k.Withdraw(k.ctx, rapid.SampledFrom(letters).Draw(r, "letter"), "")
					}
				},
				"return": func(r *rapid.T) {
					if len(letters) > 0 {
						_, _ = k.Return(k.ctx, Return{Number: rapid.SampledFrom(letters).Draw(r, "letter"), Why: rapid.SampledFrom([]Reason{Undeliverable, Moved, ByCard}).Draw(r, "why")})
					}
				},
				"undo": func(r *rapid.T) {
					if len(letters) > 0 {
						_, _ = k.Undo(k.ctx, rapid.SampledFrom(letters).Draw(r, "letter"))
					}
				},
			})
			k.settled(letters, batches)
		})
	}, sources()...)
}

// settled looks at what must always hold.
func (k *desk) settled(letters, batches []string) {
	k.t.Helper()
	entries, err := (&ledger.Ledger{DB: k.DB}).Named(k.ctx, k.Jurisdiction, event.LetterIssued{}.Name())
	k.must(err)
	issued := make(map[string]int)
	for _, e := range entries {
		for _, n := range letters {
			if strings.Contains(string(e.Data), n) {
				issued[n]++
			}
		}
	}
	for _, n := range letters {
		l := k.letter(n)
		out := l.State == Issued || l.State == Returned || l.State == Answered
		if issued[n] > 1 || out != (issued[n] == 1) {
			k.t.Errorf("the letter is %s and was issued %d times", l.State, issued[n])
		}
	}
	for _, id := range batches {
		b, err := k.Batch(k.ctx, id)
		k.must(err)
		lines, err := k.Manifest(k.ctx, id)
		k.must(err)
		spoiled := int64(0)
		for i, l := range lines {
			if l.Sequence != int64(i+1) {
				k.t.Errorf("letter %d of the manifest has the place %d", i+1, l.Sequence)
			}
			if l.Spoiled {
				spoiled++
			}
		}
		if int64(len(lines)) != b.Letters || spoiled != b.Spoiled || b.State == Confirmed && b.Issued+b.Spoiled != b.Letters {
			k.t.Errorf("a manifest of %d letters, %d spoiled, of the batch %+v", len(lines), spoiled, b)
		}
	}
}

// BenchmarkTenThousandLetters makes a batch of ten thousand notices with cards,
// two pages each, fetches its file and confirms it.
func BenchmarkTenThousandLetters(b *testing.B) {
	d := dbtest.SQLite(b, sources()...)
	for b.Loop() {
		k := openDesk(b, d)
		k.ctx = who.With(context.Background(), who.Person{ID: "ann", Jurisdiction: k.Jurisdiction, Via: who.Browser})
		b.StopTimer()
		for i := range MostLetters {
			l := ack(fmt.Sprint(b.Elapsed(), i), fmt.Sprintf("%05d", i%997))
			l.Kind, l.Fields = Confirmation, map[string]string{"reply_by": "December 15, 2026", "until": "November 8, 2028"}
			k.write(l)
		}
		b.StartTimer()
		start := time.Now()
		step := func(what string) {
			b.ReportMetric(time.Since(start).Seconds(), what)
			start = time.Now()
		}
		batch, err := k.MakeNow(k.ctx, []Kind{Confirmation}, func(int64, int64) {})
		k.must(err)
		step("s/make")
		k.must(k.Fetch(k.ctx, batch.ID, func(Batch) io.Writer { return io.Discard }))
		step("s/fetch")
		k.must(k.Confirm(k.ctx, batch.ID, k.receipt()))
		step("s/confirm")
	}
}

// TestAnotherFileIsNeverHandedOut fetches as a node does that did not make the
// file: it looks first whether the file is still the one that was made.
func TestAnotherFileIsNeverHandedOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.write(ack("f", "00501"))
		b := k.made()
		want := k.fetched(b)
		fetch := func() ([]byte, error) {
			var out bytes.Buffer
			err := New(k.Deps).Fetch(k.ctx, b.ID, func(Batch) io.Writer { return &out })
			return out.Bytes(), err
		}
		if got, err := fetch(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, want %d: %v", len(got), len(want), err)
		}
		k.Office.Name = "Another Office"
		if got, err := fetch(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("after the office changed its name, %d bytes, want %d: %v", len(got), len(want), err)
		}
		k.must(d.Write(k.ctx, func(tx *db.Tx) error {
			tx.Silently("a test plays another version of the program")
			_, err := tx.ExecContext(k.ctx, `update letters_batch set sha256 = $1`, sum("x"))
			return err
		}))
		if got, err := fetch(); fault.KindOf(err) != fault.Conflict || len(got) > 0 {
			t.Errorf("%d bytes of another file were handed out: %v", len(got), err)
		}
	}, sources()...)
}
