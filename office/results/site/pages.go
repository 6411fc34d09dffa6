// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"context"
	"strconv"
	"strings"
)

// kind is a kind of page.
type kind uint8

const (
	contestPage kind = iota
	embedPage
	unitPage
	indexPage
	statusPage
	changesPage
	changePage
	archivePage
	downloadsPage
	aboutPage
	screenPage
	missingPage
	feedPage
)

// pageOf names one page: what it shows and where it stands.
type pageOf struct {
	kind kind
	path string // without language and extension
	c, u int32  // the contest and the unit that it shows
	n    int    // position in Changes
	// sum marks the few pages that sum everything up; whether they changed is
	// found by rendering them.
	sum bool
}

// listPages lists every page of a version.
func (s *Edition) listPages() []pageOf {
	var out []pageOf
	for c := range s.x.Def.Contests {
		out = s.contestPages(out, int32(c), s.focus[c], s.contestPaths[c])
		out = append(out, pageOf{kind: embedPage, path: "embed/" + s.contestSlugs[c], c: int32(c), u: s.focus[c]})
	}
	for u := range s.x.Def.Units {
		out = append(out, pageOf{kind: unitPage, path: s.unitPaths[u], u: int32(u)})
	}
	for i, c := range s.Changes {
		out = append(out, pageOf{kind: changePage, path: changePath(c), n: i, sum: true})
	}
	for _, pg := range []pageOf{
		{kind: statusPage, path: "status"}, {kind: changesPage, path: "changes"}, {kind: archivePage, path: "archive"},
		{kind: downloadsPage, path: "downloads"}, {kind: aboutPage, path: "about"}, {kind: screenPage, path: "screen"},
		{kind: missingPage, path: "404"}, {kind: feedPage, path: "feed"}, {kind: indexPage, path: "index"},
	} {
		pg.sum = true
		out = append(out, pg)
	}
	return out
}

// contestPages adds a contest's page for a unit, and one for each part of the
// unit that has parts itself: contest/governor, contest/governor/wake.
func (s *Edition) contestPages(out []pageOf, c, u int32, path string) []pageOf {
	out = append(out, pageOf{kind: contestPage, path: path, c: c, u: u})
	s.own[contestUnit{c, u}] = true
	for _, k := range s.x.Children(u) {
		if len(s.x.Children(k)) > 0 && s.rep.expectedAt(k, c) > 0 {
			out = s.contestPages(out, c, k, s.contestPaths[c]+"/"+lastOf(s.unitPaths[k]))
		}
	}
	return out
}

func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// contestPath is where a contest's numbers for a unit are shown in full: on
// the unit's own page of the contest where it has one.
func (s *Edition) contestPath(c, u int32) string {
	if u != s.focus[c] && s.own[contestUnit{c, u}] {
		return s.contestPaths[c] + "/" + lastOf(s.unitPaths[u])
	}
	return s.contestPaths[c]
}

// contestUnit names the page of a contest in a unit.
type contestUnit struct{ c, u int32 }

// write renders a page in every language, and its JSON twin.
func (s *Edition) write(ctx context.Context, pg pageOf, put Put) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, v := range s.voices {
		if err := put(s.root()+v.folder+pg.path+pg.extension(), bytes.Clone(s.html(v, pg))); err != nil {
			return err
		}
	}
	if twin := s.json(pg); twin != nil {
		return put(s.root()+pg.path+".json", bytes.Clone(twin))
	}
	return nil
}

// writeIfOther renders a page from both versions and puts what differs.
func (s *Edition) writeIfOther(ctx context.Context, was *Edition, pg pageOf, put Put) error {
	old := make(map[string][]byte)
	if pg.kind != changePage || pg.n < len(was.Changes) {
		keep := func(path string, body []byte) error { old[path] = body; return nil }
		if err := was.write(ctx, pg, keep); err != nil {
			return err
		}
	}
	return s.write(ctx, pg, func(path string, body []byte) error {
		if before, ok := old[path]; ok && bytes.Equal(before, body) {
			return nil
		}
		return put(path, body)
	})
}

// root is the folder of all pages. A test's pages never share an address with
// real ones.
func (s *Edition) root() string {
	if s.Test {
		return "test/"
	}
	return ""
}

func (pg pageOf) extension() string {
	if pg.kind == feedPage {
		return ".xml"
	}
	return ".html"
}

// html renders a page in one language. The bytes are good until the next call.
func (s *Edition) html(v *voice, pg pageOf) []byte {
	deep := strings.Count(pg.path, "/")
	p := &page{Edition: s, v: v, pg: pg, b: s.buf[:0], up: strings.Repeat("../", deep)}
	p.top = p.up
	if v.folder != "" {
		p.top += "../"
	}
	switch pg.kind {
	case contestPage:
		p.contestPage()
	case embedPage:
		p.embed()
	case unitPage:
		p.unitPage()
	case indexPage:
		p.index()
	case statusPage:
		p.status()
	case changesPage:
		p.changes()
	case changePage:
		p.change(pg.n)
	case archivePage:
		p.archive()
	case downloadsPage:
		p.downloads()
	case aboutPage:
		p.about()
	case screenPage:
		p.screen()
	case missingPage:
		p.missing()
	case feedPage:
		p.feed()
	}
	s.buf = p.b
	return p.b
}

// assets are the files that all pages share, by path.
func (s *Edition) assets() []Asset {
	out := []Asset{s.palette, s.Style, s.Script, icon}
	for u := range s.x.Def.Units {
		if c := s.charts[int32(u)]; c != nil && c.file != "" {
			out = append(out, Asset{Path: c.file, Body: c.body})
		}
	}
	for i := range out {
		out[i].Path = s.root() + out[i].Path
	}
	return out
}

func changePath(c Change) string { return "change/" + strconv.Itoa(c.Version) }
