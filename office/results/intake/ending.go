// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"fmt"
	"io"
	"strings"

	"hustings/office/results/tally"
)

// ending passes a text on and remembers its last bytes.
type ending struct {
	io.Reader
	last [2]byte
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if n == 1 {
		e.last[0] = e.last[1]
	} else if n > 1 {
		e.last[0] = p[n-2]
	}
	if n > 0 {
		e.last[1] = p[n-1]
	}
	return n, err
}

// closed says whether the text ends with the end of a line, in one byte or,
// as UTF-16 has it, in two.
func (e *ending) closed() bool {
	isEnd := func(b byte) bool { return b == '\n' || b == '\r' }
	return isEnd(e.last[1]) || e.last[1] == 0 && isEnd(e.last[0])
}

// markCut looks for a file that stopped on its way to us: its last row, and no
// other, lacks cells, and the line end behind it is missing. With most of its
// cells there the row had votes to tell and the file is refused; a few words
// may be a footnote, at which a person must look.
func markCut(st *tally.Statement, e *ending) {
	if e.closed() {
		return
	}
	last, short := int32(0), []int(nil)
	for _, c := range st.Counts {
		last = max(last, c.Line)
	}
	for i, f := range st.Findings {
		if f.Key == lineProblem && strings.HasSuffix(f.Args["say"], tooShort) {
			short = append(short, i)
		}
	}
	if len(short) != 1 || st.Findings[short[0]].Line < int(last) {
		return
	}
	f := &st.Findings[short[0]]
	f.Key, f.Level = "results.intake.cut_off", tally.Hold
	have, want := 0, 0
	if n, _ := fmt.Sscanf(f.Args["say"], "the row has %d cells but the header has %d", &have, &want); n == 2 && 2*have > want {
		f.Level = tally.Block
	}
}

// How a table reader says that a row lacks cells, and the finding made of it.
const (
	tooShort    = "the missing ones were read as empty"
	lineProblem = "results.intake.line_problem"
)
