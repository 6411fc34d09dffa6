// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"time"

	"hustings/kit/fault"
)

// Pointer says which edition is current. It is the one file that changes, and
// it is public: Reason is read by voters.
type Pointer struct {
	Version  int64     `json:"version"` // filled in by Commit
	At       time.Time `json:"at"`
	Status   string    `json:"status,omitempty"` // unofficial-partial, certified, correction …
	Reason   string    `json:"reason,omitempty"` // why a correction was made
	NextPoll int       `json:"next_poll_seconds,omitempty"`
	Manifest string    `json:"manifest,omitempty"` // sha256 of the manifest; filled in by Commit
}

func (p Pointer) encode() ([]byte, error) {
	data, err := json.Marshal(p)
	if err == nil && len(data) >= maxPointer {
		err = fault.New(fault.TooLarge, "the status and reason are longer than %d bytes together", maxPointer)
	}
	return append(data, '\n'), err
}

// decodePointer reads what encode wrote.
func decodePointer(data []byte) (p Pointer, err error) {
	if err := json.Unmarshal(data, &p); err != nil {
		return Pointer{}, fault.Wrap(fault.Invalid, err, "%s cannot be read", pointerName)
	}
	if sum, err := sumText.Strict().DecodeString(p.Manifest); err != nil || len(sum) != sha256.Size || p.Version < 1 {
		return Pointer{}, fault.New(fault.Invalid, "%s names no edition", pointerName)
	}
	return p, nil
}

// pointerPage is the pointer as it is served. Any page may read it, whatever
// site it is on: it is public, and embedded widgets need it.
func (s *Shelf) pointerPage(data []byte) *page {
	k := &sent{
		contentType: one("application/json"),
		cache:       s.policy.pointer,
		headers:     []header{{"Access-Control-Allow-Origin", one("*")}},
	}
	sum := sha256.Sum256(data)
	p := &page{entry: &entry{path: pointerName, sum: sum, size: int64(len(data))}, sent: k, stored: stored{raw: data}}
	p.forms[plain] = form{true, one(`"` + sumText.EncodeToString(sum[:12]) + `"`), one(strconv.Itoa(len(data)))}
	return p
}
