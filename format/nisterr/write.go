// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// refuse checks a report before the first byte is written, so that a refusal
// leaves nothing half done.
func refuse(rep *ElectionReport, enc spelling) error {
	var problems []Problem
	c := &checker{enc: enc, tell: func(p Problem) { problems = append(problems, p) }}
	c.report(rep)
	if len(problems) > 0 {
		byLine(problems)
		return &Refusal{Format: enc.String(), Problems: problems}
	}
	return nil
}

// sink gathers output and hands it on in large pieces.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

const sinkSize = 64 << 10

// flushed empties the buffer when it is nearly full.
func (s *sink) flushed() {
	if len(s.buf) >= sinkSize {
		s.flush()
	}
}

func (s *sink) flush() {
	if s.err == nil {
		if _, s.err = s.w.Write(s.buf); s.err != nil {
			s.err = fmt.Errorf("write the report: %w", s.err)
		}
	}
	s.buf = s.buf[:0]
}

// add appends plain text.
func (s *sink) add(text string) { s.buf = append(s.buf, text...) }

// newline starts a line that is so many steps inside.
func (s *sink) newline(depth int) {
	s.buf = append(s.buf, '\n')
	for range depth {
		s.buf = append(s.buf, ' ')
	}
}

// addNumber appends a number as both JSON and XML write it.
func (s *sink) addNumber(x float64) {
	if n := int64(x); n > 0 && n < 1<<53 && float64(n) == x {
		s.buf = strconv.AppendInt(s.buf, n, 10)
		return
	}
	form := byte('f')
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		form = 'e'
	}
	s.buf = strconv.AppendFloat(s.buf, x, form, -1, 64)
}
