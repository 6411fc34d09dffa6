// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestOnlyADeadProcessOfThisMachineIsGone(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	part := func(i int, to string) string {
		p := strings.Split(newHolder(), "/")
		p[i] = to
		return strings.Join(p, "/")
	}
	for _, tt := range []struct {
		name, holder string
		want         bool
	}{
		{"this process", newHolder(), false},
		{"a process that has ended", part(2, strconv.Itoa(cmd.Process.Pid)), true},
		{"a process of another machine", "elsewhere" + part(2, strconv.Itoa(cmd.Process.Pid)), false},
		{"a process from before the machine started", part(1, "earlier"), true},
		{"a process of another container on this machine", part(1, boot()+"7"), false},
		{"a name of another form", "0190a1b2-c3d4", false},
		{"no process number", part(2, "x"), false},
	} {
		if got := gone(tt.holder); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
