// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/web"
	"hustings/office/results/export"
	"hustings/office/results/site"
	"hustings/office/results/tally"
)

// made is what a published version leaves for the next: its line in the list
// of changes, and when each page's numbers last changed.
type made struct {
	Change site.Change
	Stamps site.Stamps
}

// address is where the public finds a night's pages, relative to the root of
// the public door; test pages stand apart.
func siteName(m Mode, e election.ID) string {
	if m == Test {
		return "test/" + string(e)
	}
	return "results/" + string(e)
}

func (s *Results) address(n Night) string {
	if _, ok := s.Shelf.Current(siteName(n.Mode, n.Election)); !ok {
		return ""
	}
	return s.Settings.URL + siteName(n.Mode, n.Election) + "/"
}

// publishApproved puts an approved version in front of the public. Being
// called again for the same version changes nothing: the shelf says what is
// there.
func (s *Results) publishApproved(ctx context.Context, e ledger.Entry) error {
	var f event.ResultsApproved
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	name := siteName(Mode(f.Mode), f.Election)
	done, ok := s.Shelf.Current(name)
	var res publish.Result
	if !ok || done.Version < f.Version {
		var err error
		if res, err = s.render(ctx, name, f); err != nil {
			return err
		}
		done, _ = s.Shelf.Current(name)
	}
	if err := s.publishRoot(ctx, f); err != nil {
		return err
	}
	at := s.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		first, err := markPublished(ctx, tx, s.Jurisdiction, f.Election, f.Version, at)
		if err != nil || !first {
			tx.Silently("the version was published and recorded before")
			return err
		}
		tx.Record(event.ResultsPublished{Election: f.Election, Version: f.Version, Status: f.Status, Mode: f.Mode,
			Changed: res.Changed, SHA256: done.Manifest, At: at})
		return nil
	})
}

// render writes the pages of a version that differ from the one before, all
// downloads, and swaps the pointer.
func (s *Results) render(ctx context.Context, name string, f event.ResultsApproved) (res publish.Result, err error) {
	next, step, err := s.edition(ctx, name, f)
	if err != nil {
		return res, err
	}
	draft, err := s.Shelf.BeginVersion(name, f.Version)
	if err != nil {
		return res, err
	}
	pack, busy := errgroup.WithContext(ctx)
	pack.SetLimit(runtime.GOMAXPROCS(0))
	put := func(path string, body []byte) error {
		// Test pages come under test/, and stand on a shelf of their own already.
		path = strings.TrimPrefix(path, "test/")
		pack.Go(func() error { return draft.PutFile(fileOf(path, body)) })
		return busy.Err()
	}
	pack.Go(func() error { return downloads(next.Input, draft.PutFrom) })
	if step != nil {
		err = step.Render(busy, put)
	} else {
		draft.Whole()
		err = next.Render(busy, put)
	}
	if failed := pack.Wait(); err == nil {
		err = failed
	}
	if err != nil {
		return res, err
	}
	res, err = draft.Commit(ctx, publish.Pointer{At: f.At, Status: string(f.Status), Reason: f.Reason, NextPoll: pollSeconds})
	if err != nil {
		return res, err
	}
	s.mu.Lock()
	s.shown[name] = next
	s.mu.Unlock()
	return res, nil
}

// pollSeconds is how long a page waits, with jitter, before it asks for the
// pointer again.
const pollSeconds = 30

// fileOf adds what the shelf should know about a page: hashed assets are kept
// for ever, embedded contests may stand in other sites' frames.
func fileOf(path string, body []byte) publish.File {
	f := publish.File{Path: path, Body: body, Rare: strings.Contains(path, "precinct/")}
	if strings.HasPrefix(path, "assets/") {
		f.Cache = publish.Forever
	}
	if strings.HasPrefix(path, "embed/") || strings.Contains(path, "/embed/") {
		f.Headers = map[string]string{"Content-Security-Policy": embedPolicy, "X-Frame-Options": ""}
	}
	return f
}

// embedPolicy is the policy of pages, except that other sites may frame it.
var embedPolicy = strings.Replace(web.Policy, "frame-ancestors 'none'", "frame-ancestors *", 1)

// edition works out the pages of a version. step leads there from what is shown
// now; it is nil where everything must be rendered.
func (s *Results) edition(ctx context.Context, name string, f event.ResultsApproved) (next *site.Edition, step *site.Step, err error) {
	n, err := findNight(ctx, s.DB, s.Jurisdiction, f.Election)
	if err != nil {
		return nil, nil, err
	}
	n.Version, n.Mode = f.Version, Mode(f.Mode)
	if n.Definition, err = definitionOf(ctx, s.DB, s.Jurisdiction, f.Election, f.Version); err != nil {
		return nil, nil, err
	}
	pic, err := s.seeAt(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	before, err := s.tallyAt(ctx, pic, f.Version-1)
	if err != nil {
		return nil, nil, err
	}
	changes, last, err := s.history(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	sealed := ""
	if s.Checkpoint != nil {
		if sealed, err = s.Checkpoint(ctx); err != nil {
			return nil, nil, err
		}
	}
	in := site.Input{
		Checkpoint: sealed, Verify: s.verifyPage(),
		Frame: s.frame(pic), Now: pic.tally, Version: int(f.Version), At: f.At, Next: s.nextUpdate(n, f), Status: f.Status, Test: n.Mode == Test,
		Sources: s.siteSources(pic), Downloads: DownloadLinks(), SmallUnit: s.Settings.SmallUnit, Recount: s.Settings.Recount,
		Office: s.Settings.Office, URL: s.publicURL(n), Style: s.Style, Script: s.Script,
		Changes: append(changes, changeOf(f, before, pic.tally)),
	}
	if next, err = site.Open(in); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	was := s.shown[name]
	s.mu.Unlock()
	switch {
	case was != nil && int64(was.Version) == f.Version-1:
		step = next.After(was)
	case last != nil:
		// After a restart the pages before are not in memory. Their stamps are
		// kept; the numbers they showed are the tally of the version before.
		in.Now, in.Version, in.Stamps, in.Changes = before, int(f.Version-1), last.Stamps, changes
		if was, err = site.Open(in); err != nil {
			return nil, nil, err
		}
		next.After(was)
	default:
		next.After(nil)
	}
	return next, step, s.keepMade(ctx, f, made{next.Changes[len(next.Changes)-1], next.Stamps})
}

// nextUpdate is when the public may expect more: what was announced, or the
// usual time after this version while the count goes on.
func (s *Results) nextUpdate(n Night, f event.ResultsApproved) time.Time {
	if n.Next.After(f.At) {
		return n.Next
	}
	if f.Status == election.UnofficialPartial {
		return f.At.Add(s.Settings.Update)
	}
	return time.Time{}
}

// verifyPage is where the public checks result files, where the house seals them.
func (s *Results) verifyPage() string {
	if s.Checkpoint == nil {
		return ""
	}
	return cmp.Or(s.Settings.URL, "/") + "verify/"
}

func (s *Results) publicURL(n Night) string {
	if s.Settings.URL == "" {
		return ""
	}
	return s.Settings.URL + siteName(n.Mode, n.Election) + "/"
}

// frame is what all versions of a definition's pages share.
func (s *Results) frame(pic *picture) *site.Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.frames[pic.night.Definition]
	if f == nil || f.Index != pic.index {
		f = site.NewFrame(pic.index, s.Words)
		s.frames[pic.night.Definition] = f
	}
	return f
}

// changeOf is a version's line in the public list of changes.
func changeOf(f event.ResultsApproved, before, now *tally.Tally) site.Change {
	root := now.Index.Root()
	ch := site.Change{Version: int(f.Version), At: f.At, Status: f.Status, Kind: site.Counted,
		Contests: site.Differences(before, now), Path: fmt.Sprintf("v%d", f.Version) + "/index.html"}
	switch f.Kind {
	case "correction":
		ch.Kind = site.Corrected
	case "withdrawal":
		ch.Kind = site.Retracted
	case "status":
		ch.Kind = site.Restated
	}
	if f.Reason != "" {
		ch.Note = election.T(f.Reason)
	}
	ch.Ballots, _ = now.N(root, tally.NoContest, tally.Ballots, tally.TotalType)
	ch.Reported, ch.Expected = now.Reporting(root, tally.NoContest)
	return ch
}

// siteSources says of each source when its last approved file came.
func (s *Results) siteSources(pic *picture) []site.Source {
	var out []site.Source
	for _, src := range pic.sources {
		one := site.Source{Name: src.Name, State: election.NotProcessed}
		for _, r := range pic.reports {
			if r.Source == src.ID && r.DecidedAt.After(one.At) {
				one.At, one.State = r.DecidedAt, election.InProcess
			}
		}
		out = append(out, one)
	}
	return out
}

// DownloadLinks are the downloads as the pages link to them.
func DownloadLinks() []site.Download {
	var out []site.Download
	for _, name := range export.Names() {
		out = append(out, site.Download{Name: name, Path: "downloads/" + name})
	}
	return out
}

// EachDownload writes the downloads of a version. It calls put with one after
// the other.
func EachDownload(in site.Input, put func(path string, body []byte) error) error {
	var one sync.Mutex
	return downloads(in, func(path string, write func(io.Writer) error) error {
		var body bytes.Buffer
		if err := write(&body); err != nil {
			return err
		}
		one.Lock()
		defer one.Unlock()
		return put(path, body.Bytes())
	})
}

// downloads writes the downloads of a version, several at a time, each into
// what put opens for it.
func downloads(in site.Input, put func(path string, write func(io.Writer) error) error) error {
	what := export.Input{Tally: in.Now, Status: in.Status, Generated: in.At, Issuer: in.Office.Name.String(), Test: in.Test,
		SmallUnit: in.SmallUnit, Definition: in.Now.Index.Def.Hash()}
	what.Privacy = tally.Protect(in.Now, in.SmallUnit)
	return export.All(what, func(name string, write func(io.Writer) error) error { return put("downloads/"+name, write) })
}

// FirstChange is the list of changes of a site that was rendered once.
func FirstChange(in site.Input) site.Change {
	return changeOf(event.ResultsApproved{Version: int64(in.Version), At: in.At, Status: in.Status}, nil, in.Now)
}

// history lists the changes of the versions before a night's, of the same
// mode, and what the last of them left.
func (s *Results) history(ctx context.Context, n Night) (changes []site.Change, last *made, err error) {
	keys, err := madeKeys(ctx, s.DB, s.Jurisdiction, n.Election, n.Mode, n.Version)
	if err != nil {
		return nil, nil, err
	}
	for _, key := range keys {
		body, err := s.Blobs.Get(ctx, key)
		if err != nil {
			return nil, nil, err
		}
		m := &made{}
		if err := json.Unmarshal(body, m); err != nil {
			return nil, nil, err
		}
		changes, last = append(changes, m.Change), m
	}
	return changes, last, nil
}

func (s *Results) keepMade(ctx context.Context, f event.ResultsApproved, m made) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	key, err := s.Blobs.Put(ctx, body)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what a version left for the next follows from what was approved")
		return setMade(ctx, tx, s.Jurisdiction, f.Election, f.Version, key)
	})
}
