// SPDX-License-Identifier: Apache-2.0

package access

import "strings"

// above is the jurisdiction that one lies in, "" for the topmost. OCD ids say
// so themselves: ocd-division/country:us/state:xx/county:vale lies in
// ocd-division/country:us/state:xx.
func above(jurisdiction string) string {
	cut := strings.LastIndexByte(jurisdiction, '/')
	if cut < 0 {
		return ""
	}
	if up := jurisdiction[:cut]; up != "ocd-division" {
		return up
	}
	return ""
}

// covers says whether what holds in one jurisdiction holds in another: in
// itself and in all below it.
func covers(upper, lower string) bool {
	rest, ok := strings.CutPrefix(lower, upper)
	return ok && upper != "" && (rest == "" || rest[0] == '/')
}

// place is the last part of a jurisdiction's id, for people who know where they
// are: "county:vale".
func place(jurisdiction string) string {
	return jurisdiction[strings.LastIndexByte(jurisdiction, '/')+1:]
}
