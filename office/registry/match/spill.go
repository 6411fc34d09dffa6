// SPDX-License-Identifier: Apache-2.0

package match

import "unsafe"

// Large rolls are kept in files that are mapped into memory: the operating
// system holds as much of them there as it has room for, and no garbage
// collector walks over them. The files have no name, so they are gone when the
// program ends, however it ends.
const spillFrom = 128 << 20 // bytes from which on a list goes to a file

// fixed are the kinds of list that may be kept in a file: nothing in them
// points anywhere.
type fixed interface{ record | uint32 }

// spill is the room that a run has outside the heap.
type spill struct{ mapped [][]byte }

// newList makes a list, in a file if it is large. Where no file can be made it
// is kept in memory.
func newList[T fixed](s *spill, n int) []T {
	var one T
	size := n * int(unsafe.Sizeof(one))
	if size < spillFrom {
		return make([]T, n)
	}
	b, err := mapFile(size)
	if err != nil {
		return make([]T, n)
	}
	s.mapped = append(s.mapped, b)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// grow makes room for at least more records behind a list.
func grow(s *spill, list []record, more int) []record {
	if cap(list)-len(list) >= more {
		return list
	}
	bigger := newList[record](s, max(2*cap(list), len(list)+more, 1024))
	n := copy(bigger, list)
	s.release(list)
	return bigger[:n]
}

// release gives back the file of a list that has moved.
func (s *spill) release(list []record) {
	for i, b := range s.mapped {
		if len(list) > 0 && unsafe.Pointer(unsafe.SliceData(b)) == unsafe.Pointer(unsafe.SliceData(list)) {
			unmap(b)
			s.mapped = append(s.mapped[:i], s.mapped[i+1:]...)
			return
		}
	}
}

// close gives everything back. The lists must not be used any more.
func (s *spill) close() {
	for _, b := range s.mapped {
		unmap(b)
	}
	s.mapped = nil
}
