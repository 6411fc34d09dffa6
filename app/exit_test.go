// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"fmt"
	"testing"

	"hustings/kit/fault"
)

func TestTheOperatorIsToldTheCause(t *testing.T) {
	cause := errors.New("disk full")
	for _, tt := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"an error of ours", fmt.Errorf("publish: %w", cause), exitFailed, "hustings: this went wrong: publish: disk full"},
		{"a fault of ours", fault.Wrap(fault.Internal, cause, ""), exitFailed, "hustings: this went wrong: disk full"},
		{"what a file brought along", fault.New(fault.Invalid, "its columns are %s", "a\x1b[2Jb"), exitUsage, "hustings: its columns are a\uFFFD[2Jb"},
		{"something we need is down", fault.Wrap(fault.Unavailable, cause, "the database does not answer"), exitFailed, "hustings: the database does not answer (disk full)"},
		{"a file that cannot be used", fault.Wrap(fault.Invalid, cause, "night.csv cannot be read: %s", cause), exitUsage, "hustings: night.csv cannot be read: disk full"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := say(tt.err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := exitCode(tt.err); got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
		})
	}
}
