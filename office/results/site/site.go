// SPDX-License-Identifier: Apache-2.0

// Package site writes the public pages of an election's results. It is pure:
// no clock, no disk, no network; the same input gives the same bytes.
//
//	Open -> Edition -> Render                every page of a version
//	        Edition -> After -> Step -> Render   only those that differ from the version before
//
// Every page stands in each language (English at the root, others below es/ …)
// and has a JSON twin. Links are relative, so the folder works on any static
// host. A page carries the time at which its own numbers last changed and
// nothing of the version, so that versions share the pages that did not change;
// version, time and next update are in live.json, from which a small script
// fills them in. The script waits for the publisher's current.json to name
// another version, reads the page again and swaps what differs.
//
// The bytes are written by hand (page.go) and not by templates: a statewide
// update is some five thousand pages, and voters wait for it.
package site

import (
	"context"
	"fmt"
	"time"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/results/tally"
)

// Input is everything that the public pages of one version are made of.
type Input struct {
	Frame *Frame       // made once for the election's definition
	Now   *tally.Tally // of the same index as the frame

	Version int
	At      time.Time // when this version is published
	Next    time.Time // when the next one is expected; zero: not announced
	Status  election.Status
	Test    bool // logic and accuracy test: pages under test/, marked on every one

	// Stamps tells when the numbers of each page last changed. After works them
	// out; whoever publishes keeps them with the version.
	Stamps Stamps

	Changes   []Change // every version so far, the oldest first, this one included
	Sources   []Source
	Downloads []Download
	Headline  []election.ContestID // shown large; empty: the first that everyone votes on
	SmallUnit int64                // units with fewer ballots show no vote types; 0: all show them
	Recount   *Recount
	Office    Office
	// Checkpoint is the signed note at which the office's sealed log stood when
	// this version was made, as text. Empty: there is none.
	Checkpoint string
	// Verify is the address of the page where anyone checks a result file.
	// Empty: there is none.
	Verify string
	// URL is the absolute address of the folder that index.html is in, with a
	// slash at the end, for the feed and for links between versions. May be empty.
	URL    string
	Style  Asset // site.css
	Script Asset // site.js
}

// Office is who runs the election, as the pages name it.
type Office struct {
	Name  election.Text
	Phone string
	Email string
	URL   string
}

// Asset is a built file of the front end under its hashed name.
type Asset struct {
	Path string
	Body []byte
}

// Source is one sender of counts: a county, a tabulator, a desk.
type Source struct {
	Name  string
	Unit  election.UnitID // the county or precinct that it speaks for; may be empty
	At    time.Time       // when its last accepted file came; zero: none yet
	Note  string
	State election.CountState
}

// Download is a file beside the pages.
type Download struct {
	Name string // results.csv
	Path string // relative to the root of the pages
	Size int64  // 0: not told
}

// Recount is the margin at which the law calls for a recount: the share of the
// contest's votes, or a number of votes, whichever is met first.
type Recount struct {
	Numerator, Denominator int64 // 1/200 is half a percent; 0: no share
	Votes                  int64 // 0: no number
	Law                    election.Text
}

// Within says whether a margin calls for a recount.
func (r *Recount) Within(margin, votes int64) bool {
	if r == nil || votes <= 0 {
		return false
	}
	share := r.Denominator > 0 && margin*r.Denominator <= votes*r.Numerator
	return share || r.Votes > 0 && margin <= r.Votes
}

// Put takes one finished page. The body is Put's to keep.
type Put func(path string, body []byte) error

// Edition is one version on its way to the page: the input with what is worked
// out once for all pages. It renders one page at a time.
type Edition struct {
	Input
	*Frame
	x       *tally.Index
	t       *tally.Tally
	rep     *reports
	privacy *tally.Privacy
	turn    *turnout
	headers []int32 // contests shown large
	pages   []pageOf
	own     map[contestUnit]bool
	buf     []byte
}

// Open works out an edition.
func Open(in Input) (*Edition, error) {
	if in.Frame == nil || in.Now == nil {
		return nil, fmt.Errorf("results pages: the frame and the tally are both needed")
	}
	if in.Now.Index != in.Frame.Index {
		return nil, fmt.Errorf("results pages: the tally and the frame are of different definitions")
	}
	if in.Frame.Index.Root() < 0 {
		return nil, fmt.Errorf("results pages: the definition of election %s has no units", in.Frame.Index.Def.Election.ID)
	}
	s := &Edition{Input: in, Frame: in.Frame, x: in.Frame.Index, t: in.Now}
	s.rep = countReports(in.Now)
	s.turn = countTurnout(in.Now)
	s.privacy = tally.Protect(in.Now, in.SmallUnit)
	s.headers = s.headline()
	s.own = make(map[contestUnit]bool)
	s.pages = s.listPages()
	return s, nil
}

// Render writes every page of a version.
func Render(ctx context.Context, in Input, put Put) error {
	s, err := Open(in)
	if err != nil {
		return err
	}
	return s.Render(ctx, put)
}

// Render writes every page.
func (s *Edition) Render(ctx context.Context, put Put) error {
	for _, a := range s.assets() {
		if err := put(a.Path, a.Body); err != nil {
			return err
		}
	}
	for _, pg := range s.pages {
		if err := s.write(ctx, pg, put); err != nil {
			return err
		}
	}
	return put(s.root()+"live.json", s.live())
}

// headline lists the contests shown large: those asked for, else the first
// four that every unit votes on, else the first four.
func (s *Edition) headline() []int32 {
	var out []int32
	for _, id := range s.Headline {
		if c, ok := s.x.Contest(id); ok {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		return out
	}
	most := int32(0)
	for c := range s.x.Def.Contests {
		most = max(most, s.rep.expectedAt(s.x.Root(), int32(c)))
	}
	for c := range s.x.Def.Contests {
		if len(out) < 4 && s.rep.expectedAt(s.x.Root(), int32(c)) == most {
			out = append(out, int32(c))
		}
	}
	return out
}

// zone is where the election's clocks hang.
func (s *Edition) local(at time.Time) time.Time { return at.In(s.Frame.zone) }

// languages of the pages, the one at the root first.
func voices(c *words.Catalog) []*voice {
	var out []*voice
	for i, l := range c.Languages() {
		v := &voice{Printer: c.In(l.Tag), lang: l, rtl: l.Dir == "rtl"}
		if i > 0 {
			v.folder = l.Tag + "/"
		}
		out = append(out, v)
	}
	return out
}
