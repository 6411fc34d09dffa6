// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"os"

	"hustings/kit/fault"
)

// List is the list of all files of an edition with their hashes, byte for byte
// as Pointer.Manifest hashes it (SHA-256, base64 without padding): what anyone
// needs to see that a file is the one that was published. Each line but the
// first two and the last has a path, the SHA-256 of the file, its length, and
// where it lies in our packs, parted by tabs.
func (s *Shelf) List(name string, version int64) ([]byte, error) {
	st := (*s.sites.Load())[name]
	if st == nil {
		return nil, fault.New(fault.NotFound, "nothing has been published for %s", siteWord(name))
	}
	body, err := os.ReadFile(st.manifestPath(version))
	if missing(err) {
		return nil, fault.New(fault.NotFound, "there is no edition %d of %s", version, siteWord(name))
	}
	return body, err
}
