// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"context"

	"hustings/event"
	"hustings/kit/publish"
)

// publishRoot rewrites the public start page, which lists the elections that
// have live results. Its version counts by itself; an unchanged page is no new
// edition's worth of bytes.
func (s *Results) publishRoot(ctx context.Context, f event.ResultsApproved) error {
	if Mode(f.Mode) == Test {
		return nil
	}
	nights, err := listNights(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	draft, err := s.Shelf.Begin("")
	if err != nil {
		return err
	}
	draft.Whole()
	for _, l := range s.Words.Languages() {
		p := s.Words.In(l.Tag)
		top, path := "", "index.html"
		if l.Tag != "en" {
			top, path = "../", l.Tag+"/index.html"
		}
		var entries []rootEntry
		for _, n := range nights {
			name := siteName(Live, n.Election)
			shown, ok := s.Shelf.Current(name)
			if !ok {
				continue
			}
			def, err := s.Definitions.ByHash(ctx, n.Election, n.Definition)
			if err != nil {
				return err
			}
			day, _ := def.Election.End.In(def.Election.Zone())
			entries = append(entries, rootEntry{name: p.Text(def.Election.Name), day: p.Date(day),
				status: p.T("results.status." + shown.Status), href: top + name + "/" + path})
		}
		var body bytes.Buffer
		if err := rootPage(p, p.Text(s.Settings.Office.Name), entries, s.Style.Path, top, s.Words.Languages()).Render(ctx, &body); err != nil {
			return err
		}
		if err := draft.Put(path, body.Bytes()); err != nil {
			return err
		}
	}
	if err := draft.PutFile(publish.File{Path: s.Style.Path, Body: s.Style.Body, Cache: publish.Forever}); err != nil {
		return err
	}
	_, err = draft.Commit(ctx, publish.Pointer{At: f.At})
	return err
}
