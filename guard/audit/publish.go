// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"

	"hustings/event"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/words"
)

// verifySite is where the public finds how to check a result file.
const verifySite = "verify"

//go:embed assets/verify.js
var verifyScript []byte

// Asset is a file that public pages refer to.
type Asset struct {
	Path string
	Body []byte
}

// scriptPath carries the script's hash, so that caches may keep it.
var scriptPath = func() string {
	sum := sha256.Sum256(verifyScript)
	return "assets/verify-" + hex.EncodeToString(sum[:5]) + ".js"
}()

// published is a version of results that anyone can check.
type published struct {
	Election string `json:"election"`
	Version  int64  `json:"version"`
	At       string `json:"at"`
	Receipt  string `json:"receipt"` // paths from the page on
	List     string `json:"list"`
}

// PublishPage puts the public page about checking result files in front of the
// public, where it is not there as it should be. It may be called again.
func (s *Audit) PublishPage(ctx context.Context) error {
	list, err := s.published(ctx)
	if err != nil {
		return err
	}
	pages, err := s.publicPages(ctx, list)
	if err != nil {
		return err
	}
	if same, err := s.shown(ctx, pages); same || err != nil {
		return err
	}
	return s.publishPages(ctx, pages)
}

// published are the versions that the page lists, oldest first.
func (s *Audit) published(ctx context.Context) (list []published, err error) {
	f, err := s.Shelf.Read(ctx, verifySite, 0, "receipts.json")
	if fault.KindOf(err) == fault.NotFound {
		return []published{}, nil
	}
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(f.Body, &list)
}

// shown reports whether the pages are in front of the public as they are.
func (s *Audit) shown(ctx context.Context, pages []publish.File) (bool, error) {
	for _, p := range pages {
		f, err := s.Shelf.Read(ctx, verifySite, 0, p.Path)
		if fault.KindOf(err) == fault.NotFound {
			return false, nil
		}
		if err != nil || !bytes.Equal(f.Body, p.Body) {
			return false, err
		}
	}
	return true, nil
}

func (s *Audit) publishPages(ctx context.Context, files []publish.File) error {
	d, err := s.Shelf.Begin(verifySite)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := d.PutFile(f); err != nil {
			return err
		}
	}
	_, err = d.Commit(ctx, publish.Pointer{At: s.Now(), Status: "verify"})
	return err
}

// publicPages are the page in every language and what it needs.
func (s *Audit) publicPages(ctx context.Context, list []published) ([]publish.File, error) {
	key, err := s.PublicKey()
	if err != nil {
		return nil, err
	}
	body, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return nil, err
	}
	files := []publish.File{
		{Path: "receipts.json", Body: append(body, '\n')},
		{Path: "key.txt", Body: []byte(key + "\n"), Type: "text/plain; charset=utf-8"},
		{Path: scriptPath, Body: verifyScript, Cache: publish.Forever},
		{Path: s.Style.Path, Body: s.Style.Body, Cache: publish.Forever},
	}
	newest := slices.Clone(list[max(0, len(list)-maxListed):])
	slices.Reverse(newest)
	for _, l := range s.Words.Languages() {
		p := s.Words.In(l.Tag)
		at, root := "index.html", "./"
		if l.Tag != "en" {
			at, root = l.Tag+"/index.html", "../"
		}
		var page bytes.Buffer
		view := publicView{p: p, langs: s.Words.Languages(), root: root, office: s.Office, key: key, style: root + s.Style.Path, script: root + scriptPath, list: newest}
		if err := publicPage(view).Render(ctx, &page); err != nil {
			return nil, err
		}
		files = append(files, publish.File{Path: at, Body: page.Bytes()})
	}
	return files, nil
}

// maxListed is how many versions the page lists; receipts.json has them all.
const maxListed = 100

// publicView is what the public page shows.
type publicView struct {
	p             *words.Printer
	langs         []words.Language
	root          string // of the site, from the page
	office, key   string
	style, script string
	list          []published // newest first
}

// sealWithin is how long a listener waits for a fact that it has just heard to
// be sealed, before it is tried again.
const sealWithin = 5 * time.Second

// publishReceipt lets anyone check a version of results: it publishes the list
// of the version's files and the receipt of the fact that names the list.
func (s *Audit) publishReceipt(ctx context.Context, e ledger.Entry) error {
	var f event.ResultsPublished
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	if f.Mode != "live" {
		return nil // a rehearsal is nothing that the public should rely on
	}
	one := published{Election: string(f.Election), Version: f.Version, At: f.At.UTC().Format(time.RFC3339)}
	name := "v" + strconv.FormatInt(f.Version, 10)
	one.Receipt = path.Join("receipts", one.Election, name+".json")
	one.List = path.Join("lists", one.Election, name+".txt")
	all, err := s.published(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(all, one) {
		return nil // heard before
	}
	list, err := s.Shelf.List("results/"+one.Election, f.Version)
	if err != nil {
		return err
	}
	proof, err := s.proofSoon(ctx, e)
	if err != nil {
		return err
	}
	files, err := s.publicPages(ctx, append(all, one))
	if err != nil {
		return err
	}
	return s.publishPages(ctx, append(files,
		publish.File{Path: one.Receipt, Body: proof},
		publish.File{Path: one.List, Body: list, Type: "text/plain; charset=utf-8", Rare: true}))
}

// proofSoon is the receipt of an entry as soon as it is sealed.
func (s *Audit) proofSoon(ctx context.Context, e ledger.Entry) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sealWithin)
	defer cancel()
	for {
		r, err := s.prove(ctx, e)
		if err == nil {
			var out bytes.Buffer
			err = r.Write(&out)
			return out.Bytes(), err
		}
		if fault.KindOf(err) != fault.Unavailable {
			return nil, err
		}
		pause(ctx, 100*time.Millisecond)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("entry %d of %s is not sealed yet: %w", e.Seq, e.Jurisdiction, err)
		}
	}
}
