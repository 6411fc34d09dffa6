// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"hustings/kit/fault"
)

// What the program's exit code says.
const (
	exitOK      = 0
	exitFailed  = 1 // something went wrong while doing it
	exitUsage   = 2 // it was not asked rightly, or a file cannot be read
	exitHeld    = 3 // done; some result is held for a second person
	exitBlocked = 4 // done; some result is refused
)

// exitCode is the exit code of an error.
func exitCode(err error) int {
	switch fault.KindOf(err) {
	case "":
		return exitOK
	case fault.Invalid, fault.TooLarge, fault.NotFound:
		return exitUsage
	}
	return exitFailed
}

// fraction reads "1/200".
func fraction(s string) (f [2]int64, err error) {
	if s == "" {
		return f, nil
	}
	a, b, ok := strings.Cut(s, "/")
	n, err1 := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	d, err2 := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if !ok || err1 != nil || err2 != nil || n < 0 || d <= 0 {
		return f, fault.New(fault.Invalid, "results.recount_share = %q: want a fraction such as 1/200", s)
	}
	return [2]int64{n, d}, nil
}

// say puts an error into words for the operator at the terminal, who is owed
// the cause where a reader of a page is not. What a file brought along is in
// some of them, and must not command the terminal.
func say(err error) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' || r == '\t' {
			return r
		}
		return '\uFFFD'
	}, sentence(err))
}

func sentence(err error) string {
	switch fault.KindOf(err) {
	case fault.Internal:
		return fmt.Sprintf("hustings: this went wrong: %v", err)
	case fault.Unavailable:
		var f *fault.Error
		if errors.As(err, &f) && f.Err != nil && !strings.Contains(fault.Sentence(err), f.Err.Error()) {
			return fmt.Sprintf("hustings: %s (%v)", fault.Sentence(err), f.Err)
		}
	}
	return fmt.Sprintf("hustings: %s", fault.Sentence(err))
}
