// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"hustings/election"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/results/tally"
)

// desk is the one screen of the night.
type desk struct {
	*picture
	me        who.Person
	now       time.Time
	held      []Report // wait for a second person, the worst and oldest first
	recent    []Report // decided or refused, the newest first
	senders   []sender
	versions  []Version // the newest first
	published Version   // the last that the public can see; Number 0 for none
	viewers   int
	streams   int
	reported  int // precincts
	expected  int
	public    string // address of the public pages
}

// sender is a source and how it stands tonight.
type sender struct {
	Source
	last    Report // its last approved file; ID "" where there is none
	waiting int    // files held
	overdue bool
	nextDue time.Time
}

// recentReports is how many decided reports the desk lists.
const recentReports = 12

func (s *Results) deskOf(ctx context.Context, e election.ID) (*desk, error) {
	pic, err := s.see(ctx, e)
	if err != nil {
		return nil, err
	}
	d := &desk{picture: pic, me: who.From(ctx), now: s.Now(), streams: s.stream(s.desks, e).Readers() + s.stream(s.press, e).Readers(), public: s.address(pic.night)}
	if s.Viewers != nil {
		d.viewers = s.Viewers()
	}
	reports, err := listReports(ctx, s.DB, s.Jurisdiction, e, pic.night.Mode)
	if err != nil {
		return nil, err
	}
	d.sort(reports)
	d.versions, err = listVersions(ctx, s.DB, s.Jurisdiction, e)
	if err != nil {
		return nil, err
	}
	slices.Reverse(d.versions)
	d.versions = slices.DeleteFunc(d.versions, func(v Version) bool { return v.Mode != pic.night.Mode })
	if i := slices.IndexFunc(d.versions, func(v Version) bool { return !v.PublishedAt.IsZero() }); i >= 0 {
		d.published = d.versions[i]
	}
	d.reported, d.expected = pic.tally.Reporting(pic.index.Root(), tally.NoContest)
	for _, src := range pic.sources {
		d.senders = append(d.senders, senderOf(src, reports, d.now))
	}
	return d, nil
}

func (d *desk) sort(reports []Report) {
	for _, r := range reports {
		switch {
		case r.State == Held:
			d.held = append(d.held, r)
		case len(d.recent) < recentReports:
			d.recent = append(d.recent, r)
		}
	}
	slices.SortStableFunc(d.held, func(a, b Report) int {
		if by := b.Worst.Rank() - a.Worst.Rank(); by != 0 {
			return by
		}
		return a.UploadedAt.Compare(b.UploadedAt)
	})
}

// senderOf says whether a source is on time: its first file is due at Due, and
// each further one Every after the last (check S03).
func senderOf(src Source, reports []Report, now time.Time) sender {
	out := sender{Source: src, nextDue: src.Due}
	for _, r := range reports { // newest first
		if r.Source != src.ID {
			continue
		}
		if r.State == Held {
			out.waiting++
		}
		if r.State == Approved && out.last.ID == "" && r.WithdrawnIn == 0 && (r.Kind == File || r.Kind == Hand) {
			out.last = r
		}
	}
	if out.last.ID != "" {
		out.nextDue = time.Time{}
		if src.Every > 0 {
			out.nextDue = out.last.UploadedAt.Add(src.Every)
		}
	}
	out.overdue = !out.nextDue.IsZero() && now.After(out.nextDue) && out.waiting == 0
	return out
}

// overdue counts the sources that should have sent something by now.
func (d *desk) overdue() int {
	n := 0
	for _, s := range d.senders {
		if s.overdue {
			n++
		}
	}
	return n
}

// in counts the sources that have an approved file.
func (d *desk) in() int {
	n := 0
	for _, s := range d.senders {
		if s.last.ID != "" {
			n++
		}
	}
	return n
}

// next is the words key of what should be done now, the most urgent first, and
// the address where it is done.
func (d *desk) next() (key, path string) {
	base := deskPath(d.night.Election)
	if i := slices.IndexFunc(d.held, func(r Report) bool { return r.UploadedBy != d.me.ID }); i >= 0 {
		return "results.next.look", reportPath(d.held[i])
	}
	switch {
	case len(d.held) > 0:
		return "results.next.second", reportPath(d.held[0])
	case d.night.Version > 0 && d.published.Number < d.night.Version:
		return "results.next.publishing", ""
	case len(d.sources) == 0:
		return "results.next.sources", base + "/sources"
	case d.overdue() > 0:
		return "results.next.overdue", base + "/sources"
	case d.in() < len(d.senders):
		return "results.next.wait", base + "/upload"
	case d.night.Mode == Test:
		return "results.next.live", "#settings"
	}
	return "results.next.done", ""
}

// stream is the stream of an election among the desks' or the newsrooms'.
func (s *Results) stream(of map[election.ID]*web.Stream, e election.ID) *web.Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of[e] == nil {
		of[e] = web.NewStream(s.Settings.Listeners)
	}
	return of[e]
}

// listen keeps a connection open for what happens in an election.
func (s *Results) listen(of map[election.ID]*web.Stream) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := findNight(r.Context(), s.DB, s.Jurisdiction, electionOf(r)); err != nil {
			return err
		}
		return s.stream(of, electionOf(r)).Serve(w, r)
	}
}

// tellDesk passes what happened on to the desks that are watching.
func (s *Results) tellDesk(_ context.Context, e ledger.Entry) error {
	line, err := json.Marshal(map[string]any{"name": e.Name, "subject": e.Subject, "at": e.At})
	if err != nil {
		return err
	}
	var about struct {
		Election election.ID
		Mode     Mode
	}
	if err := json.Unmarshal(e.Data, &about); err != nil {
		return err
	}
	s.stream(s.desks, about.Election).Send("changed", string(line))
	if e.Name == "results.published.v1" && about.Mode == Live {
		s.stream(s.press, about.Election).Send("published", string(e.Data))
	}
	return nil
}
