// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"hustings/kit/fault"
)

// Limits on what a site may hold. They keep a broken or hostile manifest from
// taking more memory than the largest state needs.
const (
	maxSiteName = 200       // bytes
	maxPath     = 1024      // bytes
	maxSegment  = 255       // bytes: what file systems take as one name
	maxFiles    = 1_000_000 // in one edition
	maxKinds    = 100_000   // distinct sets of headers in one edition
	maxBody     = 256 << 20 // bytes of one file
	maxManifest = 512 << 20 // bytes
	maxPointer  = 64 << 10  // bytes
)

const pointerName = "current.json"

// checkSite says what is wrong with the name of a site. "" is the root.
func checkSite(name string) error {
	if name == "" {
		return nil
	}
	if len(name) > maxSiteName {
		return fault.New(fault.Invalid, "the site name %.40q… is longer than %d bytes", name, maxSiteName)
	}
	for segment := range strings.SplitSeq(name, "/") {
		if !plainSegment(segment) {
			return fault.New(fault.Invalid, "the site name %q may only hold letters, digits, '-', '_' and '.' between slashes, and no part may start with '.'", name)
		}
		if _, ok := versionOf(segment); ok {
			return fault.New(fault.Invalid, "the site name %q has the part %q, which is how archived editions are addressed", name, segment)
		}
	}
	return nil
}

func plainSegment(s string) bool {
	if s == "" || s[0] == '.' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// checkPath says what is wrong with the path of a file within a site. What
// passes is also a safe relative file name for Export.
func checkPath(path string) error {
	switch {
	case path == "":
		return fault.New(fault.Invalid, "a published file needs a path")
	case len(path) > maxPath:
		return fault.New(fault.Invalid, "the path %.40q… is longer than %d bytes", path, maxPath)
	case !utf8.ValidString(path):
		return fault.New(fault.Invalid, "the path %q is not UTF-8", path)
	case path == pointerName:
		return fault.New(fault.Invalid, "the path %s is kept for the pointer", pointerName)
	}
	first, _, _ := strings.Cut(path, "/")
	if _, ok := versionOf(first); ok {
		return fault.New(fault.Invalid, "the path %q starts with %q, which is how archived editions are addressed", path, first)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." || len(segment) > maxSegment {
			return fault.New(fault.Invalid, "the path %q must be parts of 1 to %d bytes between single slashes, none of them '.' or '..'", path, maxSegment)
		}
	}
	for _, c := range path {
		if c < ' ' || c == 0x7f || c == '\\' {
			return fault.New(fault.Invalid, "the path %q holds a control character or a backslash", path)
		}
	}
	return nil
}

// versionOf reads "v12". Only the one canonical spelling counts, so that an
// edition has one address.
func versionOf(segment string) (int64, bool) {
	if len(segment) < 2 || segment[0] != 'v' || segment[1] < '1' || segment[1] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(segment[1:], 10, 64)
	return n, err == nil
}

func versionName(n int64) string { return "v" + strconv.FormatInt(n, 10) }
