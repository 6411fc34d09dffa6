// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const linkage = "../../../../shared/data/linkage"

// labelled reads a labelled file and gives it without the columns named, and
// the person behind each id.
func labelled(t *testing.T, name string, person func(id string, row map[string]string) string, without ...string) (string, map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(linkage, name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not there; the labelled files are not part of the repository", linkage)
	}
	if err != nil {
		t.Fatal(err)
	}
	var in io.Reader = bytes.NewReader(raw)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	}
	r := csv.NewReader(in)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	truth := map[string]string{}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for i, row := range rows {
		named := map[string]string{}
		var kept []string
		for j, h := range rows[0] {
			named[h] = row[j]
			if !slices.Contains(without, h) {
				kept = append(kept, row[j])
			}
		}
		w.Write(kept)
		if i > 0 {
			truth[named["rec_id"]] = person(named["rec_id"], named)
		}
	}
	w.Flush()
	return out.String(), truth
}

func febrlPerson(id string, _ map[string]string) string { return strings.Split(id, "-")[1] }
func rowPerson(_ string, row map[string]string) string  { return row["person_id"] }

// quality is how good the pairs are by the labels.
type quality struct {
	P, R, F1, AutoP, AutoR float64
	tp, fp, fn, afp        int
}

func judge(res *Result, truth map[string]string, truths int) quality {
	var q quality
	auto := 0
	for _, p := range res.Pairs {
		if p.Tier == None {
			continue
		}
		right := truth[res.ID(p.A)] == truth[res.ID(p.B)]
		if right {
			q.tp++
		} else {
			q.fp++
		}
		if p.Tier == Auto {
			auto++
			if !right {
				q.afp++
			}
		}
	}
	q.fn = truths - q.tp
	q.P, q.R = float64(q.tp)/float64(q.tp+q.fp), float64(q.tp)/float64(truths)
	q.F1 = 2 * q.P * q.R / (q.P + q.R)
	q.AutoP, q.AutoR = 1-float64(q.afp)/float64(auto), float64(auto-q.afp)/float64(truths)
	return q
}

func pairsOfTruth(left, right map[string]string) int {
	n := map[string]int{}
	for _, p := range left {
		n[p]++
	}
	total := 0
	if right == nil {
		for _, c := range n {
			total += c * (c - 1) / 2
		}
		return total
	}
	for _, p := range right {
		total += n[p]
	}
	return total
}

func TestLabelledFiles(t *testing.T) {
	for _, tt := range []struct {
		name        string
		left, right string
		without     []string
		f1, auto    float64 // least F1, and least recall of tier auto
	}{
		{"febrl1", "febrl1.csv", "", nil, 0.993, 0.9},
		{"febrl3", "febrl3.csv", "", nil, 0.993, 0.9},
		{"US voters with identifiers", "usvoter_dev_a.csv.gz", "usvoter_dev_b.csv.gz", nil, 0.993, 0.95},
		{"US voters without identifiers", "usvoter_dev_a.csv.gz", "usvoter_dev_b.csv.gz", []string{"dl_number", "ssn4", "phone"}, 0.988, 0.95},
	} {
		t.Run(tt.name, func(t *testing.T) {
			person := rowPerson
			if tt.right == "" {
				person = febrlPerson
			}
			left, truth := labelled(t, tt.left, person, tt.without...)
			began := time.Now()
			var res *Result
			var err error
			n := 0
			if tt.right == "" {
				n = pairsOfTruth(truth, nil)
				res, err = Duplicates(Source{tt.left, strings.NewReader(left)}, Options{})
			} else {
				right, more := labelled(t, tt.right, person, tt.without...)
				n = pairsOfTruth(truth, more)
				for id, p := range more {
					truth[id] = p
				}
				began = time.Now()
				res, err = Link(Source{tt.left, strings.NewReader(left)}, Source{tt.right, strings.NewReader(right)}, Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			q := judge(res, truth, n)
			t.Logf("P %.4f R %.4f F1 %.4f (fp %d fn %d), auto P %.5f R %.4f (fp %d), expected %.0f of %d, %v", q.P, q.R, q.F1, q.fp, q.fn, q.AutoP, q.AutoR, q.afp, res.Expected, n, time.Since(began))
			t.Logf("%+v", res.Tiers)
			if q.F1 < tt.f1 {
				t.Errorf("F1 is %.4f, want %.3f", q.F1, tt.f1)
			}
			if q.AutoP < 0.999 || q.AutoR < tt.auto {
				t.Errorf("tier auto has precision %.5f at recall %.4f, want 0.999 at %.2f", q.AutoP, q.AutoR, tt.auto)
			}
		})
	}
}
