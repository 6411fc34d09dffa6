// SPDX-License-Identifier: Apache-2.0

//go:build unix

package match

import (
	"os"
	"syscall"
)

// mapFile maps a new file of so many bytes that has no name.
func mapFile(size int) ([]byte, error) {
	f, err := os.CreateTemp("", "hustings-match-*")
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping keeps the file
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if err := f.Truncate(int64(size)); err != nil {
		return nil, err
	}
	return syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
}

func unmap(b []byte) {
	_ = syscall.Munmap(b) // what was mapped can be unmapped
}
