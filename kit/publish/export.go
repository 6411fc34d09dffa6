// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"hustings/kit/fault"
)

// Target is a place that Export copies to. ToFolder makes one of a directory;
// the package bucket makes one of an S3 bucket. Paths are relative, with
// slashes.
type Target interface {
	// Get reads a file; the error is fs.ErrNotExist where there is none.
	Get(ctx context.Context, path string) ([]byte, error)
	// Put writes a file in one step: readers see the old one or the new one.
	Put(ctx context.Context, c Copy) error
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, path string) error
	// Flush returns once all that was put survives a power cut.
	Flush(ctx context.Context) error
}

// Copy is a file on its way to a Target.
type Copy struct {
	Path         string
	Body         []byte
	Sum          [sha256.Size]byte // of Body
	Type         string
	CacheControl string
}

// ExportOptions say what Export copies. The zero value copies the current
// edition of every site.
type ExportOptions struct {
	Sites    []string // nil for all
	Archive  bool     // also every edition under its number
	Verify   bool     // read back what is said to be there already
	Progress func(Progress)
}

// Progress is told after each file.
type Progress struct {
	Site        string
	Path        string
	Done, Total int // files of this site
}

// Exported says what Export did.
type Exported struct {
	Written, Skipped, Removed int
	Bytes                     int64 // written
}

// exporters is how many files are on their way at once: enough to hide the
// distance to a bucket.
const exporters = 8

// Export copies published editions to a folder or bucket as plain files, which
// any static host can serve. Files that are there already are skipped, the
// pointer comes last, and only then are files removed that an earlier export
// brought and this edition no longer has. Archived editions stay. A file that
// Export did not bring is never touched, unless one of ours has its name.
func (s *Shelf) Export(ctx context.Context, to Target, opt ExportOptions) (Exported, error) {
	var sum Exported
	sites := opt.Sites
	if sites == nil {
		sites = s.Sites()
	}
	for _, name := range sites {
		x := export{shelf: s, site: name, to: to, opt: opt}
		err := x.run(ctx)
		sum.Written += x.done.Written
		sum.Skipped += x.done.Skipped
		sum.Removed += x.done.Removed
		sum.Bytes += x.done.Bytes
		if err != nil {
			return sum, fault.Wrap(kindOf(err), err, "%s could not be copied", siteWord(name))
		}
	}
	return sum, nil
}

// export is the copying of one site.
type export struct {
	shelf *Shelf
	site  string
	to    Target
	opt   ExportOptions
	total int

	mu    sync.Mutex // guards everything below
	there record
	done  Exported
	files int
}

// job is one file to copy.
type job struct {
	path  string // at the target
	e     *Edition
	page  *page
	cache string
}

func (x *export) run(ctx context.Context) error {
	e, err := x.shelf.Edition(ctx, x.site, 0)
	if err != nil {
		return err
	}
	if x.there, err = readRecord(ctx, x.to, x.site); err != nil {
		return err
	}
	jobs, err := x.jobs(ctx, e)
	if err != nil {
		return err
	}
	gone := x.gone(e)
	if err := x.remove(ctx, inTheWay(gone, jobs)); err != nil {
		return err
	}
	if err := x.announce(ctx, jobs); err != nil {
		return err
	}
	if err := x.copyAll(ctx, jobs); err != nil {
		return err
	}
	if err := x.copyPointer(ctx, e); err != nil {
		return err
	}
	if err := x.remove(ctx, gone); err != nil {
		return err
	}
	return x.there.write(ctx, x.to, x.site)
}

// prefix is where the site lies at the target.
func (x *export) prefix() string {
	if x.site == "" {
		return ""
	}
	return x.site + "/"
}

// jobs lists the files of the current edition and, if asked for, of all that
// are archived.
func (x *export) jobs(ctx context.Context, e *Edition) ([]job, error) {
	jobs := x.jobsOf(e, x.prefix(), nil)
	if x.opt.Archive {
		for _, n := range e.st.versions() {
			if n > e.Version() {
				continue // published after we began
			}
			archived, err := x.shelf.Edition(ctx, x.site, n)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, x.jobsOf(archived, x.prefix()+versionName(n)+"/", x.shelf.policy.forever)...)
		}
	}
	x.total = len(jobs) + 1
	return jobs, nil
}

func (x *export) jobsOf(e *Edition, prefix string, cache []string) []job {
	jobs := make([]job, 0, len(e.manifest.files))
	for i := range e.manifest.files {
		p := e.pages[e.manifest.files[i].path]
		if cache == nil {
			jobs = append(jobs, job{prefix + p.path, e, p, p.sent.cache[0]})
		} else {
			jobs = append(jobs, job{prefix + p.path, e, p, cache[0]})
		}
	}
	return jobs
}

// gone lists what an earlier export brought and the current edition does not
// have. Archived editions are not gone: their addresses never move.
func (x *export) gone(e *Edition) []string {
	var gone []string
	for path := range x.there {
		within := strings.TrimPrefix(path, x.prefix())
		first, _, _ := strings.Cut(within, "/")
		if _, archived := versionOf(first); archived {
			continue
		}
		if p := e.pages[within]; p == nil || p.entry == nil || p.path != within {
			gone = append(gone, path)
		}
	}
	slices.Sort(gone)
	return gone
}

// inTheWay lists the paths of gone that are a folder now, or lie in what is a
// file now. A directory cannot hold both, so these go first.
func inTheWay(gone []string, jobs []job) []string {
	if len(gone) == 0 {
		return nil
	}
	files, folders := map[string]bool{}, map[string]bool{}
	for _, j := range jobs {
		files[j.path] = true
		for dir := range above(j.path) {
			folders[dir] = true
		}
	}
	var now []string
	for _, path := range gone {
		blocked := folders[path]
		for dir := range above(path) {
			blocked = blocked || files[dir]
		}
		if blocked {
			now = append(now, path)
		}
	}
	return now
}

// above yields the folders that a path lies in.
func above(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for cut := strings.LastIndexByte(path, '/'); cut > 0; cut = strings.LastIndexByte(path[:cut], '/') {
			if !yield(path[:cut]) {
				return
			}
		}
	}
}

// announce writes down, before anything is copied, which files are about to
// change. A copy that is cut off then knows next time what it cannot trust.
func (x *export) announce(ctx context.Context, jobs []job) error {
	next := maps.Clone(x.there)
	changed := false
	for _, j := range jobs {
		if sum, ok := next[j.path]; !ok || sum != j.page.sum {
			next[j.path] = [sha256.Size]byte{}
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return next.write(ctx, x.to, x.site)
}

// copyAll copies with several workers and stops at the first error.
func (x *export) copyAll(ctx context.Context, jobs []job) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan job)
	var wait sync.WaitGroup
	for range min(exporters, len(jobs)) {
		wait.Go(func() {
			for j := range queue {
				if err := x.copy(ctx, j); err != nil {
					stop(err)
				}
			}
		})
	}
feed:
	for _, j := range jobs {
		select {
		case queue <- j:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	wait.Wait()
	return context.Cause(ctx)
}

func (x *export) copy(ctx context.Context, j job) error {
	skip, err := x.has(ctx, j)
	if err != nil {
		return err
	}
	var size int
	if !skip {
		f, err := x.shelf.file(j.e, j.page)
		if err != nil {
			return err
		}
		size = len(f.Body)
		if err := x.to.Put(ctx, Copy{Path: j.path, Body: f.Body, Sum: j.page.sum, Type: f.Type, CacheControl: j.cache}); err != nil {
			return err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.there[j.path] = j.page.sum
	x.count(j.path, size, skip)
	return nil
}

// has says whether the target has the file already.
func (x *export) has(ctx context.Context, j job) (bool, error) {
	x.mu.Lock()
	sum, ok := x.there[j.path]
	x.mu.Unlock()
	if !ok || sum != j.page.sum || !x.opt.Verify {
		return ok && sum == j.page.sum, nil
	}
	body, err := x.to.Get(ctx, j.path)
	if missing(err) {
		return false, nil
	}
	return err == nil && sha256.Sum256(body) == sum, err
}

// count notes a file that is dealt with; x.mu is held.
func (x *export) count(path string, size int, skipped bool) {
	if skipped {
		x.done.Skipped++
	} else {
		x.done.Written++
		x.done.Bytes += int64(size)
	}
	x.files++
	if x.opt.Progress != nil {
		x.opt.Progress(Progress{Site: x.site, Path: path, Done: x.files, Total: x.total})
	}
}

func (x *export) copyPointer(ctx context.Context, e *Edition) error {
	if err := x.to.Flush(ctx); err != nil {
		return err
	}
	data, err := e.Pointer().encode()
	if err != nil {
		return err
	}
	path := x.prefix() + pointerName
	have, err := x.to.Get(ctx, path)
	if err != nil && !missing(err) {
		return err
	}
	same := err == nil && bytes.Equal(have, data)
	if !same {
		if err := x.to.Put(ctx, Copy{path, data, sha256.Sum256(data), "application/json", x.shelf.policy.pointer[0]}); err != nil {
			return err
		}
	}
	x.count(path, len(data), same)
	return nil
}

func (x *export) remove(ctx context.Context, paths []string) error {
	for _, path := range paths {
		if _, ok := x.there[path]; !ok {
			continue // it was in the way and is gone already
		}
		if err := x.to.Delete(ctx, path); err != nil {
			return err
		}
		delete(x.there, path)
		x.done.Removed++
	}
	return nil
}

// record is what Export brought to a target: paths and checksums, kept at the
// target itself. A checksum of zeros stands for "may be half done".
type record map[string][sha256.Size]byte

const (
	recordDir  = ".hustings-export/"
	recordHead = "hustings export 1\n"
)

func readRecord(ctx context.Context, from Target, site string) (record, error) {
	r := record{}
	data, err := from.Get(ctx, recordDir+folderOf(site))
	if missing(err) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutPrefix(string(data), recordHead)
	if !ok {
		return nil, errRecord(site, 1)
	}
	n := 1
	for line := range strings.Lines(text) {
		n++
		sum, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		hash, err := sumText.DecodeString(sum)
		if !ok || err != nil || len(hash) != sha256.Size || checkExported(site, path) != nil {
			return nil, errRecord(site, n)
		}
		r[path] = [sha256.Size]byte(hash)
	}
	return r, nil
}

// checkExported makes sure that what the record wants removed is ours: the
// record lies in a place where others may write.
func checkExported(site, path string) error {
	within := path
	if site != "" {
		var ok bool
		if within, ok = strings.CutPrefix(path, site+"/"); !ok {
			return errors.New("not in this site")
		}
	}
	if first, rest, _ := strings.Cut(within, "/"); rest != "" {
		if _, ok := versionOf(first); ok {
			within = rest
		}
	}
	return checkPath(within)
}

func errRecord(site string, line int) error {
	return fault.New(fault.Invalid, "%s%s at the target, line %d: not a record of an export; remove it to copy everything anew", recordDir, folderOf(site), line)
}

func (r record) write(ctx context.Context, to Target, site string) error {
	var b bytes.Buffer
	b.WriteString(recordHead)
	for _, path := range slices.Sorted(maps.Keys(r)) {
		sum := r[path]
		b.WriteString(sumText.EncodeToString(sum[:]) + "\t" + path + "\n")
	}
	return to.Put(ctx, Copy{recordDir + folderOf(site), b.Bytes(), sha256.Sum256(b.Bytes()), "text/plain; charset=utf-8", "no-store"})
}
