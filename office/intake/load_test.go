// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// rowsFile is a file of n applications; change says what is in a row.
func rowsFile(n int, change func(i int, row []string)) string {
	var b strings.Builder
	b.WriteString("last_name,first_name,birth_date,drivers_license,address,city,state,zip,citizen\n")
	for i := range n {
		row := []string{fmt.Sprintf("Voter%c%c", 'a'+i%26, 'a'+i/26%26), "Jo", fmt.Sprintf("19%02d-%02d-%02d", 50+i%50, 1+i%12, 1+i%28), fmt.Sprintf("D%06d", i), fmt.Sprintf("%d Elm St", i+1), "Vale", "XX", "00501", "yes"}
		if change != nil {
			change(i, row)
		}
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	return b.String()
}

func TestAFileIsTakenInOnce(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		c := newCounty()
		k.with(c)
		file := rowsFile(450, func(i int, row []string) {
			if i == 7 {
				row[2] = "" // no birth date
			}
		})
		b, err := k.Load(k.ctx, "dmv.csv", "dmv", strings.NewReader(file))
		k.must(err)
		if b.State != "loaded" || b.Records != 450 || b.Fresh != 450 {
			t.Fatalf("%+v", b)
		}
		again, err := k.Load(k.ctx, "the same.csv", "dmv", strings.NewReader(file))
		k.must(err)
		if again.Fresh != 0 || again.ID != b.ID {
			t.Errorf("the same file again: %d new as %s", again.Fresh, again.ID)
		}
		k.process()
		ends := map[string]int{}
		k.must(k.Rows(k.ctx, b.ID, func(r Row) error {
			ends[r.Outcome]++
			if r.Line == 9 && r.Outcome != "incomplete" {
				t.Errorf("line 9 has no birth date and ended as %s", r.Outcome)
			}
			return nil
		}))
		if ends["created"] != 449 || ends["incomplete"] != 1 {
			t.Errorf("%v", ends)
		}
		if v, _ := c.now("000000001"); v.Source != roll.MotorVehicles {
			t.Errorf("came by %s", v.Source)
		}
	})
}

func TestAFileThatWasCutShortGoesOn(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		file := rowsFile(450, nil)
		ctx, cancel := context.WithCancel(k.ctx)
		_, err := k.Load(ctx, "dmv.csv", "dmv", &dying{bytes.NewReader([]byte(file)), cancel, 0})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("it was not cut short: %v", err)
		}
		b, err := k.Load(k.ctx, "dmv.csv", "dmv", strings.NewReader(file))
		if err != nil || b.Records != 450 {
			t.Fatalf("%+v %v", b, err)
		}
		var n int
		if err := k.DB.QueryRowContext(k.ctx, `select count(*) from intake_application where jurisdiction = $1`, k.Jurisdiction).Scan(&n); err != nil || n != 450 {
			t.Errorf("%d applications, %v", n, err)
		}
	})
}

// dying ends the house when a file is read for the third time: it is first
// fingerprinted, then counted, then taken in.
type dying struct {
	*bytes.Reader
	cancel func()
	seeks  int
}

func (d *dying) Seek(at int64, whence int) (int64, error) {
	if d.seeks++; d.seeks == 3 {
		d.cancel()
	}
	return d.Reader.Seek(at, whence)
}

func TestAFileNotAsAgreedIsHeld(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		file := rowsFile(400, func(i int, row []string) {
			if i%2 == 0 {
				row[2] = ""
			}
		})
		b, err := k.Load(k.ctx, "dmv.csv", "dmv", strings.NewReader(file))
		k.must(err)
		if b.State != "held" || len(b.Findings) == 0 {
			t.Fatalf("half of the birth dates are blank, and it is %s", b.State)
		}
		if list, err := k.Waiting(k.ctx, Filter{}); err != nil || len(list) > 0 {
			t.Errorf("%d applications of a held file, %v", len(list), err)
		}
		if err := k.Release(k.ctx, b.ID, "it is fine"); fault.KindOf(err) != fault.Denied {
			t.Errorf("whoever handed it in released it: %v", err)
		}
		bo := who.With(context.Background(), who.Person{ID: "bo", Name: "Bo", Jurisdiction: k.Jurisdiction, Via: who.Browser})
		if err := k.Release(bo, b.ID, " "); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		k.must(k.Release(bo, b.ID, "the office told us why"))
		b, err = k.Load(k.ctx, "dmv.csv", "dmv", strings.NewReader(file))
		k.must(err)
		if b.State != "loaded" || b.Fresh != 400 {
			t.Errorf("once released: %s, %d new", b.State, b.Fresh)
		}
	})
}

func TestNoFileOfAStranger(t *testing.T) {
	k := openDesk(t, dbtest.SQLite(t, source()))
	for _, tt := range []struct{ name, source, body string }{
		{"another source", "martians", rowsFile(3, nil)},
		{"nothing in it", "dmv", ""},
		{"no table", "dmv", "\x00\x01\x02"},
	} {
		if _, err := k.Load(k.ctx, "x.csv", tt.source, strings.NewReader(tt.body)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// picture of a form.
func page(t testing.TB, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 20, 30))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPaperIsScannedAndTypedIn(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		c := newCounty()
		k.with(c)
		ids, err := k.Scanned(k.ctx, []Scan{{"1.png", page(t, 1)}, {"2.png", page(t, 2)}}, false, roll.ByMail, "")
		k.must(err)
		again, err := k.Scanned(k.ctx, []Scan{{"1.png", page(t, 1)}}, false, roll.ByMail, "")
		k.must(err)
		if len(ids) != 2 || again[0] != ids[0] {
			t.Errorf("%v and again %v", ids, again)
		}
		k.process()
		if a := k.get(ids[0]); a.Step != Entering {
			t.Errorf("before it is typed in it is %s", a.Step)
		}
		door := k.door()
		form := "version=1&then=next&asks=register&form=nvra&source=voter-via-mail&last=Doe&first=Jo&birth=5%2F6%2F1980&citizen=yes&line=12+Elm+Street+Apt+4&city=Vale&state=xx&zip=00501&license=d123456&signed=2026-08-30&postmark=2026-08-31&language=es&ballot=mail"
		w := ask(door, "ann", "POST", pathOf(ids[0])+"/form", "application/x-www-form-urlencoded", strings.NewReader(strings.Replace(form, "5%2F6%2F1980", "yesterday", 1)))
		if w.Code != 422 || !strings.Contains(w.Body.String(), `href="#birth"`) || !strings.Contains(w.Body.String(), `value="yesterday"`) {
			t.Errorf("a day that is none: %d", w.Code)
		}
		w = ask(door, "ann", "POST", pathOf(ids[0])+"/form", "application/x-www-form-urlencoded", strings.NewReader(form))
		if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), pathOf(ids[1])+"/form") {
			t.Errorf("%d to %s: %s", w.Code, w.Header().Get("Location"), w.Body)
		}
		a := k.get(ids[0])
		v, _ := c.now(a.VoterID)
		if a.Outcome != roll.Created || a.CountsOn != "2026-08-31" || v.Birth != "1980-05-06" || v.Home.Unit != "4" || v.NumberOf(roll.License).Reveal() != "D123456" || len(v.Wishes) != 1 || v.Wishes[0].Until != "2026-12-31" {
			t.Errorf("%s %s: %+v", a.Outcome, a.CountsOn, v)
		}
		if len(c.letters) != 1 || c.letters[0].Language != "es" {
			t.Errorf("%+v", c.letters)
		}
	})
}

func TestScansThatCannotBeUsed(t *testing.T) {
	k := openDesk(t, dbtest.SQLite(t, source()))
	good := Scan{"good.png", page(t, 3)}
	for _, tt := range []struct {
		name string
		scan Scan
	}{
		{"a table", Scan{"x.csv", []byte("a,b\n1,2\n")}},
		{"a picture cut short", Scan{"x.png", page(t, 1)[:20]}},
		{"a document cut short", Scan{"x.pdf", []byte("%PDF-1.7\n1 0 obj")}},
		{"too large", Scan{"x.png", append(page(t, 1), make([]byte, largestScan)...)}},
	} {
		_, err := k.Scanned(k.ctx, []Scan{good, tt.scan}, false, roll.ByMail, "")
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.TooLarge {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if list, err := k.Waiting(k.ctx, Filter{}); err != nil || len(list) > 0 {
		t.Errorf("a scan was taken beside one that cannot be used: %d, %v", len(list), err)
	}
}

func TestDrivesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		k.with(newCounty())
		code, err := k.OpenDrive(k.ctx, "Friends of voting", "", 10)
		k.must(err)
		k.must(k.HandOut(k.ctx, code, "2026-08-01", 100))
		k.must(k.HandOut(k.ctx, code, "2026-08-15", 50))
		if err := k.HandOut(k.ctx, "D0", "2026-08-15", 50); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a drive that is none: %v", err)
		}
		for i, signed := range []string{"2026-08-30", "2026-08-22", "2026-08-21", ""} {
			k.hand(fmt.Sprint(i), but(func(a *roll.Application) {
				a.Drive, a.Signed = code, election.Date(signed)
				a.Voter.Name.Last += fmt.Sprint(i)
			}))
		}
		list, err := k.Drives(k.ctx)
		k.must(err)
		if d := list[0]; d.Handed != 150 || d.Returned != 4 || d.Late != 1 || d.Undated != 1 {
			t.Errorf("%+v", d)
		}
	})
}
