// SPDX-License-Identifier: Apache-2.0

package event

// DraftsShredded says that the drafts of registrations that were begun on a day
// have expired: the key that sealed them is destroyed, and they are gone.
type DraftsShredded struct {
	Day    string
	Drafts int64
}

// Name is the fact's name in the ledger.
func (DraftsShredded) Name() string { return "register.drafts-shredded.v1" }

// Subject is the day.
func (e DraftsShredded) Subject() string { return e.Day }
