// SPDX-License-Identifier: Apache-2.0

package id_test

import (
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"hustings/kit/id"
)

func TestNewKeepsItsOrder(t *testing.T) {
	last := ""
	for range 10000 {
		next := id.New()
		if next <= last {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
}

func TestNewNeverRepeatsAmongMany(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				one := id.New()
				mu.Lock()
				if seen[one] {
					t.Errorf("%s twice", one)
				}
				seen[one] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

func TestValid(t *testing.T) {
	made := id.New()
	for _, tt := range []struct {
		name, id string
		want     bool
	}{
		{"one that New made", made, true},
		{"nothing", "", false},
		{"upper case is another spelling", strings.ToUpper("01890a5d-ac96-774b-bcce-b302099a8057"), false},
		{"a known good one", "01890a5d-ac96-774b-bcce-b302099a8057", true},
		{"without hyphens", strings.ReplaceAll(made, "-", ""), false},
		{"in braces", "{" + made + "}", false},
		{"as a urn", "urn:uuid:" + made, false},
		{"version 4", "0af7651c-dd44-4f21-9a3c-3fe6d9a8b1e2", false},
		{"another variant", "01890a5d-ac96-774b-ccce-b302099a8057", false},
		{"a letter too many", made + "0", false},
		{"a quote in it", "01890a5d-ac96-774b-bcce-b302099a805'", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := id.Valid(tt.id); got != tt.want {
				t.Errorf("Valid(%q): got %v, want %v", tt.id, got, tt.want)
			}
		})
	}
}

func TestTokenHasItsBytes(t *testing.T) {
	for _, n := range []int{1, 16, 32} {
		one, two := id.Token(n), id.Token(n)
		b, err := base64.RawURLEncoding.DecodeString(one)
		if err != nil || len(b) != n {
			t.Errorf("Token(%d): got %d bytes (%v)", n, len(b), err)
		}
		if n > 1 && one == two {
			t.Errorf("Token(%d) gave %s twice", n, one)
		}
	}
}

func FuzzValid(f *testing.F) {
	f.Add(id.New())
	f.Add("not an id")
	f.Fuzz(func(t *testing.T, s string) {
		if id.Valid(s) && (len(s) != 36 || s != strings.ToLower(s) || s[14] != '7') {
			t.Errorf("%q is not canonical, yet valid", s)
		}
	})
}
