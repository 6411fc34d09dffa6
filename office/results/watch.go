// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// watchEvery is how often the watched folder is looked at. A file is taken
// once its size and time have stayed the same between two looks, so that one
// that is still being copied is left alone; who copies slowly writes under a
// name that begins with a dot and renames it at the end. Looking works on network folders,
// where no notices of changes arrive.
const watchEvery = 2 * time.Second

// watcher remembers the files of a watched folder between two looks.
type watcher struct {
	results *Results
	folder  string
	seen    map[string]stamp
}

type stamp struct {
	size int64
	mod  time.Time
}

// Watch takes result files from FOLDER/ELECTION/SOURCE/file until the context
// ends. A file that was taken (held, refused or known already) moves to the
// folder "taken" beside it, one that could not be read to "unread" with the
// reason in a .txt file.
func (s *Results) Watch(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fault.Wrap(fault.Invalid, err, "The watched folder %s cannot be used.", folder)
	}
	w := &watcher{results: s, folder: folder, seen: make(map[string]stamp)}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("watched folder not read", "folder", folder, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look takes every file that has come to rest. One that cannot be taken stays
// where it is and does not keep others from being taken.
func (w *watcher) look(ctx context.Context) error {
	now := make(map[string]stamp)
	var failed []error
	for _, file := range w.files(&failed) {
		info, err := os.Lstat(file)
		if err != nil {
			continue // moved away since it was listed
		}
		if !info.Mode().IsRegular() || strings.HasPrefix(info.Name(), ".") || info.Size() == 0 {
			continue // folders, links out of the folder, files not begun
		}
		is := stamp{info.Size(), info.ModTime()}
		now[file] = is
		if was, known := w.seen[file]; !known || was != is {
			continue
		}
		if err := w.take(ctx, file); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", file, err))
		}
	}
	w.seen = now
	return errors.Join(failed...)
}

// files lists what lies two folders below the watched one.
func (w *watcher) files(failed *[]error) []string {
	level := []string{w.folder}
	for range 3 {
		var next []string
		for _, dir := range level {
			entries, err := os.ReadDir(dir)
			if err != nil && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, fs.ErrNotExist) {
				*failed = append(*failed, err)
			}
			for _, e := range entries {
				next = append(next, filepath.Join(dir, e.Name()))
			}
		}
		level = next
	}
	return level
}

// take sends one file in as the house itself, so that any approver is a second
// person, and moves it out of the way.
func (w *watcher) take(ctx context.Context, file string) error {
	source := filepath.Base(filepath.Dir(file))
	e := election.ID(filepath.Base(filepath.Dir(filepath.Dir(file))))
	p := who.System("watched-folder", w.results.Jurisdiction)
	p.Via = who.Watch
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := w.results.Take(who.With(ctx, p), Upload{Election: e, Source: source, Name: filepath.Base(file), Body: f})
	switch fault.KindOf(err) {
	case "":
		w.results.Log.Info("file taken", "file", file, "report", rep.ID, "state", rep.State)
		return move(file, "taken", "")
	case fault.Internal, fault.Unavailable:
		return err // it stays and is tried again
	}
	w.results.Log.Warn("file not read", "file", file, "reason", fault.Sentence(err))
	return move(file, "unread", fault.Sentence(err))
}

// move puts a file into a folder beside it, under a name that is free.
func move(file, folder, note string) error {
	dir := filepath.Join(filepath.Dir(file), folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	to := filepath.Join(dir, time.Now().UTC().Format("20060102T150405.000000")+"-"+filepath.Base(file))
	if note != "" {
		if err := os.WriteFile(to+".txt", []byte(note+"\n"), 0o644); err != nil {
			return err
		}
	}
	return os.Rename(file, to)
}
