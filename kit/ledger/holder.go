// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"hustings/kit/id"
)

// newHolder names this process as the holder of a lease: machine, process and
// a random part, so that the same process may hold several.
func newHolder() string {
	host, err := os.Hostname()
	if err != nil || strings.Contains(host, "/") {
		host = "" // then nobody can tell that we are gone, and the lease runs out
	}
	return fmt.Sprintf("%s/%s/%d/%s", host, boot(), os.Getpid(), id.New())
}

// boot tells one run of the machine from the next, and one container on it from
// another that counts its processes by itself, where the system says so.
func boot() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil || strings.Contains(space, "/") {
		return ""
	}
	return strings.TrimSpace(string(b)) + " " + space
}

// gone reports whether a holder was a process of this machine that is no more.
// After a crash the house then goes on at once, instead of waiting for its own
// old lease to run out. A number that another process has got since only means
// that we wait.
func gone(holder string) bool {
	parts := strings.Split(holder, "/")
	mine := strings.Split(newHolder(), "/")
	if len(parts) != 4 || parts[0] == "" || parts[0] != mine[0] || parts[1] == "" {
		return false
	}
	if parts[1] != mine[1] {
		// The machine has started anew since; or it is another container,
		// whose processes we cannot see.
		was, _, _ := strings.Cut(parts[1], " ")
		is, _, _ := strings.Cut(mine[1], " ")
		return was != is
	}
	pid, err := strconv.Atoi(parts[2])
	if err != nil || pid <= 0 {
		return false
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
