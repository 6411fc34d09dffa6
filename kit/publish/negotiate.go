// SPDX-License-Identifier: Apache-2.0

package publish

import "strings"

// choose picks the form to send: the one the client likes best among those
// there are, brotli before gzip before plain when it likes them equally. A
// client that refuses everything still gets plain bytes: a page that can be
// read is better than a correct refusal.
func choose(accept []string, forms *[codings]form) coding {
	if len(accept) == 0 || !forms[gzipped].there {
		return plain
	}
	q := qualities(accept)
	best, bestQ := plain, q.of(plain)
	for _, c := range [...]coding{gzipped, brotlied} {
		if forms[c].there && q.of(c) > 0 && q.of(c) >= bestQ {
			best, bestQ = c, q.of(c)
		}
	}
	return best
}

// quality holds what a client said about each coding in thousandths, -1 for
// not mentioned.
type quality struct {
	named [codings]int
	rest  int // "*"
}

// of is the weight of a coding. Plain bytes that are not mentioned are
// acceptable, but any coding that is mentioned is liked better.
func (q *quality) of(c coding) int {
	switch {
	case q.named[c] >= 0:
		return q.named[c]
	case q.rest >= 0:
		return q.rest
	}
	return 0
}

// qualities reads Accept-Encoding (RFC 9110, 12.5.3) without allocating.
func qualities(accept []string) (q quality) {
	q = quality{named: [codings]int{-1, -1, -1}, rest: -1}
	for _, line := range accept {
		for line != "" {
			var item string
			item, line, _ = strings.Cut(line, ",")
			name, params, _ := strings.Cut(item, ";")
			weight := readQ(params)
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				q.named[gzipped] = weight
			case strings.EqualFold(name, "br"):
				q.named[brotlied] = weight
			case strings.EqualFold(name, "identity"):
				q.named[plain] = weight
			case name == "*":
				q.rest = weight
			}
		}
	}
	return q
}

// readQ reads "q=0.5" as 500. A weight that cannot be read counts as 0, which
// at worst sends plain bytes.
func readQ(params string) int {
	name, value, ok := strings.Cut(params, "=")
	if !ok {
		return 1000
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name != "q" && name != "Q" || value == "" || value[0] != '0' && value[0] != '1' {
		return 0
	}
	n := int(value[0]-'0') * 1000
	if len(value) == 1 {
		return n
	}
	if value[1] != '.' || len(value) > 5 {
		return 0
	}
	for i, unit := 2, 100; i < len(value); i, unit = i+1, unit/10 {
		if value[i] < '0' || value[i] > '9' {
			return 0
		}
		n += int(value[i]-'0') * unit
	}
	if n > 1000 {
		return 0
	}
	return n
}

// matches says whether one of the tags in If-None-Match is etag, by the weak
// comparison that RFC 9110, 13.1.2 asks for.
func matches(lines []string, etag string) bool {
	for _, line := range lines {
		for {
			line = strings.TrimLeft(line, " \t,")
			if line == "" {
				break
			}
			if line[0] == '*' {
				return true
			}
			line = strings.TrimPrefix(line, "W/")
			if line == "" || line[0] != '"' {
				break // not a list of tags: as if it were not there
			}
			end := strings.IndexByte(line[1:], '"')
			if end < 0 {
				break
			}
			if line[:end+2] == etag {
				return true
			}
			line = line[end+2:]
		}
	}
	return false
}
