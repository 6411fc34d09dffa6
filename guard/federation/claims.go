// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
)

// Claims is what a house says of a person, by name: one value or several. What
// stands within another claim has both names, apart by a dot.
type Claims map[string][]string

// Limits of what a house may say of a person.
const (
	mostClaims = 5000 // values; directories send hundreds of groups
	mostDeep   = 4
)

var errTooMuch = errors.New("the house says more of a person than is taken here")

// add takes a claim of any JSON shape; names that are there already stay as
// they are.
func (c Claims) add(name string, value any, left *int, deep int) error {
	if deep > mostDeep || len(name) > mostText {
		return errTooMuch
	}
	if object, ok := value.(map[string]any); ok {
		for inner, v := range object {
			if err := c.add(name+"."+inner, v, left, deep+1); err != nil {
				return err
			}
		}
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, one := range list {
		if *left--; *left < 0 {
			return errTooMuch
		}
		if text, ok := plain(one); ok {
			c[name] = append(c[name], text)
		}
	}
	return nil
}

// plain is a JSON value as rules compare it.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// readClaims makes claims of JSON objects; where two say the same name, the
// first counts.
func readClaims(objects ...map[string]any) (Claims, error) {
	out, left := make(Claims), mostClaims
	for i, object := range objects {
		for name, value := range object {
			if i > 0 && slices.ContainsFunc(objects[:i], func(before map[string]any) bool { _, has := before[name]; return has }) {
				continue
			}
			if err := out.add(name, value, &left, 0); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// first is the first value that one of some claims has.
func (c Claims) first(names ...string) string {
	for _, n := range names {
		for _, v := range c[n] {
			if v != "" {
				return v
			}
		}
	}
	return ""
}
