// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/gate"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

func TestFederalGenerals(t *testing.T) {
	for year, want := range map[int]election.Date{2016: "2016-11-08", 2020: "2020-11-03", 2022: "2022-11-08", 2024: "2024-11-05", 2026: "2026-11-03", 2028: "2028-11-07", 2032: "2032-11-02", 2050: "2050-11-08"} {
		if got := general(year); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestDue(t *testing.T) {
	for _, tt := range []struct {
		name        string
		notice, due election.Date
	}{
		{"a notice in an odd year", "2027-02-10", "2030-11-07"},
		{"a notice on the day before a general", "2026-11-02", "2028-11-09"},
		{"a notice on the day itself: that election does not count", "2026-11-03", "2030-11-07"},
		{"a notice on the day after", "2026-11-04", "2030-11-07"},
		{"a leap day", "2028-02-29", "2030-11-07"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := due(tt.notice); got != tt.due {
				t.Errorf("got %s, want %s", got, tt.due)
			}
		})
	}
}

func TestQuiet(t *testing.T) {
	primaries := []FederalElection{{Day: "2028-05-09", Primary: true, Name: "Primary"}}
	for _, tt := range []struct {
		name string
		on   election.Date
		want string // From and Until of the stretch that holds; "" for none
	}{
		{"long before", "2027-06-01", ""},
		{"the last day on which a programme may end", "2028-02-09", ""},
		{"the day after", "2028-02-10", "2028-02-10 2028-05-09"},
		{"the day of the primary", "2028-05-09", "2028-02-10 2028-05-09"},
		{"between", "2028-05-10", ""},
		{"ninety days before the general", "2028-08-09", ""},
		{"eighty-nine days before", "2028-08-10", "2028-08-10 2028-11-07"},
		{"the day of the general", "2028-11-07", "2028-08-10 2028-11-07"},
		{"the day after it", "2028-11-08", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, q := range quiet(tt.on, primaries) {
				if q.From <= tt.on && tt.on <= q.Until {
					got = string(q.From + " " + q.Until)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		same, of  int
		low, high float64
	}{{0, 0, 0, 1}, {81, 263, .2553, .3662}, {15, 148, .0624, .1605}, {30, 30, .8865, 1}} { // Newcombe 1998, and by hand
		low, _, high := wilson(tt.same, tt.of)
		if low-tt.low > .0002 || tt.low-low > .0002 || high-tt.high > .0002 || tt.high-high > .0002 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", tt.same, tt.of, low, high, tt.low, tt.high)
		}
	}
}

func TestQualityWeighsStrataByTheirPairs(t *testing.T) {
	var q Quality
	by := make([]labels, len(strata)+1)
	by[6], by[5], by[4] = labels{same: 400, all: 400}, labels{same: 200, all: 200}, labels{same: 15, all: 30}
	by[1] = labels{same: 3, different: 27, all: 30}
	q.weigh(by, map[int]int{6: 1000, 5: 100, 4: 40, 1: 200})
	if want := 1120.0 / 1140; !q.Known || q.Recall < want-.0001 || q.Recall > want+.0001 {
		t.Errorf("recall %v, want %v", q.Recall, want)
	}
	if !q.HasThreshold || q.Threshold != strata[4] {
		t.Errorf("the threshold is %v (%v), want %v", q.Threshold, q.HasThreshold, strata[4])
	}
	var none Quality
	none.weigh(make([]labels, len(strata)+1), map[int]int{6: 10})
	if none.Known || none.HasThreshold {
		t.Errorf("without labels: %+v", none)
	}
}

// TestOnlyOneFileCancels reads the source: that a registration is cancelled
// stands in remove.go alone.
func TestOnlyOneFileCancels(t *testing.T) {
	list, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set, found := token.NewFileSet(), map[string]int{}
	for _, f := range list {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(set, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok {
				for _, x := range a.Rhs {
					if s, ok := x.(*ast.SelectorExpr); ok && s.Sel.Name == "Cancelled" {
						found[f.Name()]++
					}
				}
			}
			return true
		})
	}
	if len(found) != 1 || found["remove.go"] != 1 {
		t.Errorf("registrations are cancelled in %v, want once in remove.go", found)
	}
}

func TestJudge(t *testing.T) {
	voter := roll.Voter{ID: "V1", Name: roll.Name{First: "Ann", Last: "Byrd"}, Birth: "1950-01-02", State: roll.Active, Since: "2015-01-01",
		Home: roll.Address{Number: "12", Street: "ELM", Type: "ST", City: "VALE", ZIP: "00501"}, Identifiers: []roll.Identifier{{Kind: roll.SSN4, Value: hide.New("1234")}}}
	moved := roll.Address{Number: "9", Street: "OAK", Type: "ST", City: "VALE", ZIP: "00501"}
	with := func(change func(*Line)) Line {
		l := Line{Person: voter, Code: "A", Move: "I", Day: "2026-12-01", New: &moved}
		change(&l)
		return l
	}
	state := func(s roll.State) func(*roll.Voter) { return func(v *roll.Voter) { v.State = s } }
	for _, tt := range []struct {
		name   string
		kind   Kind
		line   Line
		voter  func(*roll.Voter)
		spot   Spot
		here   bool
		want   string
		tier   match.Tier
		action Action
	}{
		{"a move inside", NCOA, with(func(*Line) {}), nil, Spot{Sure: true}, true, "", match.Auto, Update},
		{"a move out", NCOA, with(func(*Line) {}), nil, Spot{}, false, "", match.Auto, Notify},
		{"a move of the family", NCOA, with(func(l *Line) { l.Move = "F" }), nil, Spot{Sure: true}, true, "family", match.Review, Update},
		{"a business", NCOA, with(func(l *Line) { l.Move = "B" }), nil, Spot{Sure: true}, true, "!business", "", ""},
		{"no match", NCOA, with(func(l *Line) { l.Code = "00" }), nil, Spot{}, false, "!no-move", "", ""},
		{"a doubtful unit", NCOA, with(func(l *Line) { l.Code = "91" }), nil, Spot{Sure: true}, true, "unit", match.Review, Update},
		{"a code that is not known", NCOA, with(func(l *Line) { l.Code = "77" }), nil, Spot{}, true, "!code", "", ""},
		{"a move before the registration", NCOA, with(func(l *Line) { l.Day = "2014-01-01" }), nil, Spot{Sure: true}, true, "newer", match.Review, Update},
		{"a move without a day", NCOA, with(func(l *Line) { l.Day = "" }), nil, Spot{Sure: true}, true, "undated", match.Review, Update},
		{"to where they live already", NCOA, with(func(l *Line) { l.New = &voter.Home }), nil, Spot{Sure: true}, true, "!known", "", ""},
		{"to an unsure place", NCOA, with(func(*Line) {}), nil, Spot{}, true, "place", match.Review, Notify},
		{"out, of an inactive voter", NCOA, with(func(*Line) {}), state(roll.Inactive), Spot{}, false, "!inactive", "", ""},
		{"of a protected voter", NCOA, with(func(*Line) {}), func(v *roll.Voter) { v.Protected = "acp" }, Spot{Sure: true}, true, "protected", match.Review, Update},
		{"of somebody off the roll", NCOA, with(func(*Line) {}), state(roll.Cancelled), Spot{Sure: true}, true, "!cancelled", "", ""},
		{"a death, all the same", Deaths, with(func(l *Line) { l.New = nil }), nil, Spot{}, false, "", match.Auto, Propose},
		{"a death, another birth date", Deaths, with(func(l *Line) { l.New, l.Person.Birth = nil, "1950-02-01" }), nil, Spot{}, false, "inexact", match.Review, Propose},
		{"a death, no number", Deaths, with(func(l *Line) { l.New, l.Person.Identifiers = nil, nil }), nil, Spot{}, false, "inexact", match.Review, Propose},
		{"a conviction", Courts, with(func(l *Line) { l.Event = "Convicted" }), nil, Spot{}, false, "by-hand", match.Review, Propose},
		{"a restoration of an active voter", Courts, with(func(l *Line) { l.Event = "rights restored" }), nil, Spot{}, false, "!not-cancelled", "", ""},
		{"a restoration", Courts, with(func(l *Line) { l.Event = "rights restored" }), func(v *roll.Voter) { v.State, v.Reason = roll.Cancelled, roll.Felony }, Spot{}, false, "by-hand", match.Review, Restore},
		{"a surrendered licence", DMV, with(func(l *Line) { l.Event, l.New = "Surrendered out of state", nil }), nil, Spot{}, false, "", match.Auto, Notify},
		{"a juror who says they are no citizen", Jury, with(func(l *Line) { l.Event, l.New = "not a citizen", nil }), nil, Spot{}, false, "by-hand", match.Review, Notify},
		{"ERIC: deceased", ERIC, with(func(l *Line) { l.Event, l.New = "Deceased", nil }), nil, Spot{}, false, "", match.Auto, Propose},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := voter
			if tt.voter != nil {
				tt.voter(&v)
			}
			j := judge(tt.kind, &tt.line, &v, match.Auto, tt.spot, tt.here)
			got := strings.Join(j.cautions, " ")
			if j.drop != "" {
				got = "!" + j.drop
			}
			if got != tt.want || j.drop == "" && (j.tier != tt.tier || j.action != tt.action) {
				t.Errorf("got %q, %s, %s; want %q, %s, %s", got, j.tier, j.action, tt.want, tt.tier, tt.action)
			}
		})
	}
}

// TestNobodyIsTakenOffBeforeTwoGenerals tries any order of notices, answers,
// votes, time that passes and people who want voters gone.
func TestNobodyIsTakenOffBeforeTwoGenerals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := openOffice(t, dbtest.SQLite(t, sources()...))
		o.people(4)
		issued := map[roll.ID]election.Date{}
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			voter := roll.ID(fmt.Sprintf("V%04d", rapid.IntRange(0, 3).Draw(rt, "voter")))
			today := o.today()
			step := rapid.SampledFrom([]string{"returned", "print", "answer", "read", "left", "vote", "time", "time", "remove", "remove"}).Draw(rt, "step")
			var err error
			switch step {
			case "returned":
				err = o.returned(o.house(), lettersReturned(fmt.Sprintf("ACK-%s-%s", voter, today), voter), today)
			case "print":
				for i := range o.post.letters {
					id := fmt.Sprintf("L%d", i+1)
					if !o.post.issued[id] {
						o.post.issued[id] = true
						issued[o.post.letters[i].About] = today
						err = o.issued(o.house(), id, today)
						break
					}
				}
			case "answer":
				for i := range o.post.letters {
					if o.post.letters[i].About == voter {
						err = o.answered(o.house(), fmt.Sprintf("L%d", i+1), today)
					}
				}
			case "read", "left":
				list, e := o.notices(o.ctx, `voter = $2 and stage = 'answered'`, string(voter))
				if err = e; err == nil && len(list) > 0 {
					err = o.Answer(o.ctx, list[0].ID, step == "left", "the card")
				}
			case "vote":
				_, err = o.TakeVotes(o.ctx, "votes.csv", strings.NewReader("voter_id,election_day\n"+string(voter)+","+string(today)+"\n"))
			case "time":
				o.now = o.now.AddDate(0, 0, rapid.IntRange(1, 500).Draw(rt, "days"))
			case "remove":
				err = o.tryRemoving(rt)
			}
			if err != nil {
				rt.Fatalf("%s of %s: %v", step, voter, err)
			}
			for id, v := range o.roll.voters {
				if v.State != roll.Cancelled || v.Reason != roll.TwoElections {
					continue
				}
				if from := issued[id]; from == "" || v.Since < due(from) {
					rt.Fatalf("%s was taken off on %s, after a notice on %q", id, v.Since, from)
				}
				for _, day := range o.votesOf(id) {
					if day >= issued[id] && day <= v.Since {
						rt.Fatalf("%s voted on %s after the notice on %s and was taken off on %s", id, day, issued[id], v.Since)
					}
				}
				for _, q := range quiet(v.Since, nil) {
					if q.From <= v.Since && v.Since <= q.Until {
						rt.Fatalf("%s was taken off on %s, in a quiet period", id, v.Since)
					}
				}
			}
		}
	})
}

// tryRemoving tries to take everybody off whom the room knows.
func (o *office) tryRemoving(rt *rapid.T) error {
	all, err := o.notices(o.ctx, `leaves`)
	if err != nil {
		return err
	}
	for _, n := range all {
		removal, _, err := o.Remove(o.ctx, []string{"notice:" + n.ID}, "clean the roll")
		if fault.KindOf(err) == fault.Conflict {
			continue
		}
		if err != nil {
			return err
		}
		if rapid.Bool().Draw(rt, "late") { // the job runs after something has happened
			o.now = o.now.AddDate(0, 0, rapid.IntRange(1, 120).Draw(rt, "days until the job"))
		}
		if err := o.carryOut(o.house(), removal, quietly); err != nil {
			return err
		}
	}
	return nil
}

// lettersReturned is what is heard of a letter that came back.
func lettersReturned(letter string, about roll.ID) event.LetterReturned {
	return event.LetterReturned{Letter: letter, Kind: "acknowledgement", About: string(about)}
}

func (o *office) votesOf(id roll.ID) []election.Date {
	o.t.Helper()
	list, err := o.votes(o.ctx, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// FuzzReadLines reads any bytes as a file of any programme; what is kept of a
// line comes back as it was.
func FuzzReadLines(f *testing.F) {
	f.Add([]byte("voter_id,last_name,return_code,move_type,effective,new_address,new_city,new_state,new_zip\n1,Byrd,A,I,202612,9 Oak St,Vale,XX,00501\n"), uint8(0))
	f.Add([]byte("name;dob;ssn4;death_date\n\"Byrd, Ann\";1/2/1950;1234;20261224\n;;;\n"), uint8(2))
	f.Add([]byte("juror,claim\nAnn Byrd,\"moved\"\nx,y,z,w\n"), uint8(5))
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		k := Files()[int(kind)%len(Files())]
		c, err := gate.For(string(k))
		if err != nil {
			t.Fatal(err)
		}
		count, lines := gate.NewCounter(c), []Line{}
		if _, err := readLines(k, "x.csv", bytes.NewReader(text), count, c, func(l Line) error { lines = append(lines, l); return nil }); err != nil {
			return
		}
		if p := count.Profile(); p.Rows != len(lines) {
			t.Errorf("%d rows were counted and %d handed over", p.Rows, len(lines))
		}
		packed, err := pack(lines...)
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpack(packed)
		if err != nil || len(back) != len(lines) {
			t.Fatalf("%d lines came back of %d: %v", len(back), len(lines), err)
		}
		for i := range back {
			a, b := lines[i], back[i]
			if a.Day != b.Day || a.Code != b.Code || a.Person.ID != b.Person.ID || len(a.Person.Identifiers) != len(b.Person.Identifiers) {
				t.Errorf("%+v came back as %+v", a, b)
			}
		}
	})
}

// FuzzReadVotes reads any bytes as a history of votes.
func FuzzReadVotes(f *testing.F) {
	f.Add([]byte("voter_reg_num\telection_lbl\tvoting_method\n1\t11/05/2024\tIN-PERSON\n\t\t\n"))
	f.Add([]byte("voter_id,election_day\n7,2024-11-05\n7,soon\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = readVotes("x.csv", bytes.NewReader(text), func(_ int, v vote) error {
			if v.voter == "" || dayOf(v.day).IsZero() {
				t.Errorf("%+v is no vote", v)
			}
			return nil
		})
	})
}

func TestLinesOfFiles(t *testing.T) {
	c, err := gate.For("ncoa")
	if err != nil {
		t.Fatal(err)
	}
	text := "Voter ID,Last Name,First Name,NCOA Return Code,Move Type,Move Effective Date,Old Address,New Address,New Apt,New City,New State,New ZIP\n" +
		"17,Byrd,Ann,A,Individual,202611,12 N Elm Street,9 Oak Avenue,4,Dale,XX,00502\n,,,,,,,,,,,\n"
	count := gate.NewCounter(c)
	var got []Line
	if _, err := readLines(NCOA, "back.csv", strings.NewReader(text), count, c, func(l Line) error { got = append(got, l); return nil }); err != nil {
		t.Fatal(err)
	}
	want := roll.Address{Number: "9", Street: "OAK", Type: "AVE", UnitKind: "UNIT", Unit: "4", City: "DALE", State: "XX", ZIP: "00502"}
	if len(got) != 1 || got[0].Day != "2026-11-01" || got[0].Move != "I" || got[0].New == nil || !reflect.DeepEqual(*got[0].New, want) || got[0].Person.Home.Before != "N" {
		t.Errorf("got %+v", got)
	}
	if p := count.Profile(); p.Rejected > 1 {
		t.Errorf("%+v", p)
	}
}

func TestVotesBringVotersBack(t *testing.T) {
	o := openOffice(t, dbtest.SQLite(t, sources()...))
	o.people(3)
	if err := o.returned(o.house(), lettersReturned("ACK", "V0001"), "2027-02-03"); err != nil {
		t.Fatal(err)
	}
	if err := o.issued(o.house(), "L1", "2027-02-10"); err != nil {
		t.Fatal(err)
	}
	text := "voter_reg_num\telection_lbl\tvoting_method\nV0001\t11/05/2024\tIN-PERSON\nV0001\t11/07/2028\tABSENTEE\nV0002\tsoon\tX\n"
	o.now = time.Date(2028, 12, 1, 0, 0, 0, 0, time.UTC)
	for i, want := range []Votes{{Read: 2, New: 2, Back: 1}, {Read: 2}} {
		got, err := o.TakeVotes(o.ctx, "ncvhis.txt", strings.NewReader(text))
		if err != nil || len(got.Problems) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		got.Problems = nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("time %d: got %+v, want %+v", i+1, got, want)
		}
	}
	if v := o.roll.voters["V0001"]; v.State != roll.Active || v.Since != "2028-11-07" {
		t.Errorf("who voted is %s since %s", v.State, v.Since)
	}
}

func TestAfterTwoGeneralsAPersonMayTakeSomebodyOff(t *testing.T) {
	o := openOffice(t, dbtest.SQLite(t, sources()...))
	o.people(2)
	if err := o.returned(o.house(), lettersReturned("ACK", "V0001"), "2027-02-03"); err != nil {
		t.Fatal(err)
	}
	if err := o.issued(o.house(), "L1", "2027-02-10"); err != nil {
		t.Fatal(err)
	}
	key := "notice:returned/ACK"
	for _, tt := range []struct {
		name string
		now  time.Time
		want fault.Kind
	}{
		{"after one general", time.Date(2029, 1, 10, 0, 0, 0, 0, time.UTC), fault.Conflict},
		{"on the day after the second", time.Date(2030, 11, 6, 0, 0, 0, 0, time.UTC), fault.Conflict},
		{"when due, and in the quiet period of the next", time.Date(2032, 9, 1, 0, 0, 0, 0, time.UTC), fault.Conflict},
		{"when due", time.Date(2030, 11, 7, 0, 0, 0, 0, time.UTC), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o.now = tt.now
			removal, _, err := o.Remove(o.ctx, []string{key}, "two generals")
			if fault.KindOf(err) != tt.want {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if err != nil {
				return
			}
			for range 2 { // a job may run twice
				if err := o.carryOut(o.house(), removal, quietly); err != nil {
					t.Fatal(err)
				}
			}
			if v := o.roll.voters["V0001"]; v.State != roll.Cancelled || v.Reason != roll.TwoElections || v.Since != "2030-11-07" {
				t.Errorf("the voter is %s, %s, since %s", v.State, v.Reason, v.Since)
			}
			d, err := o.findRemoval(o.ctx, removal)
			if err != nil || d.Removed != 1 || len(d.LeftIn) != 0 || d.AskedBy != "ann" {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}
