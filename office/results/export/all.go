// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"hustings/format/nisterr"
)

// file is one of the files that All writes.
type file struct {
	name  string
	order int // in which All begins it: the ones that take longest first
	write func(*source, io.Writer) error
}

var files = []file{
	{"results.csv", 5, func(s *source, w io.Writer) error { return s.table().openElections(w) }},
	{"results-ncsbe.tsv", 4, func(s *source, w io.Writer) error { return s.table().ncsbe(w) }},
	{"results-flat.csv", 1, func(s *source, w io.Writer) error { return s.table().flat(w) }},
	{"results.xlsx", 3, func(s *source, w io.Writer) error { return s.table().xlsx(w) }},
	{"results-err.json", 0, func(s *source, w io.Writer) error { return nisterr.WriteJSON(w, s.report()) }},
	{"results-err.xml", 2, func(s *source, w io.Writer) error { return nisterr.WriteXML(w, s.report()) }},
}

// source is what several files are made of, each worked out once.
type source struct {
	table  func() *table
	report func() *nisterr.ElectionReport
}

// Names are the names of the files that All writes, in the order in which
// people should see them.
func Names() []string {
	var out []string
	for _, f := range files {
		out = append(out, f.name)
	}
	return out
}

// All writes every file, as many at a time as there are cores. It calls put
// with the name of each, from several goroutines, and with what writes the
// file: a put that hands it a writer never has a whole file in memory. The
// first error ends it.
func All(in Input, put func(name string, write func(io.Writer) error) error) error {
	in.Privacy = in.privacy()
	s := &source{
		table:  sync.OnceValue(func() *table { return newTable(&in) }),
		report: sync.OnceValue(func() *nisterr.ElectionReport { return Report(in) }),
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b file) int { return a.order - b.order }) {
		g.Go(func() error {
			return put(f.name, func(w io.Writer) error { return f.write(s, w) })
		})
	}
	return g.Wait()
}
