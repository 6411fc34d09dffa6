// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"strings"
)

// FileName is the name that a feed file should have:
// vipfeed-{FIPS}-{date}-{State}-{Locality}.{xml|zip}.
type FileName struct {
	FIPS     string // two digits of a state, five of a county
	Date     Date   // of the election
	State    string // may be empty, and is in many real names
	Locality string // may be empty
	Ext      string // "xml" or "zip"
}

// String is the name in full. Blanks in names of places become underscores.
func (n FileName) String() string {
	parts := []string{"vipfeed", n.FIPS, n.Date.String()}
	for _, place := range []string{n.State, n.Locality} {
		if place != "" {
			parts = append(parts, strings.ReplaceAll(place, " ", "_"))
		}
	}
	return strings.Join(parts, "-") + "." + n.Ext
}

// ParseFileName takes the name of a feed file apart, whatever its capitals.
func ParseFileName(name string) (FileName, error) {
	bad := fmt.Errorf("%q is not the name of a feed; name it like vipfeed-04013-2020-11-03-Arizona-Maricopa.xml", clip(name))
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return FileName{}, bad
	}
	n := FileName{Ext: strings.ToLower(name[dot+1:])}
	parts := strings.SplitN(name[:dot], "-", 7)
	if len(parts) < 5 || !strings.EqualFold(parts[0], "vipfeed") || n.Ext != "xml" && n.Ext != "zip" {
		return FileName{}, bad
	}
	n.FIPS = parts[1]
	if len(n.FIPS) != 2 && len(n.FIPS) != 5 || strings.Trim(n.FIPS, "0123456789") != "" {
		return FileName{}, bad
	}
	var err error
	if n.Date, err = ParseDate(strings.Join(parts[2:5], "-")); err != nil {
		return FileName{}, bad
	}
	if len(parts) > 5 {
		n.State = strings.ReplaceAll(parts[5], "_", " ")
	}
	if len(parts) > 6 {
		n.Locality = strings.ReplaceAll(parts[6], "_", " ")
	}
	return n, nil
}

// NameFor is the file name for a feed, from its Source, Election and State.
func NameFor(f *Feed, ext string) FileName {
	n := FileName{Ext: ext}
	if len(f.Sources) > 0 {
		n.FIPS = f.Sources[0].VipID
	}
	if len(f.Elections) > 0 {
		n.Date = f.Elections[0].Date
	}
	if len(f.States) > 0 {
		n.State = f.States[0].Name
	}
	return n
}
