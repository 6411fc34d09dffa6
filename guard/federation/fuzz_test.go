// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func FuzzReadKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"none"},null,5]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := readKeys(body)
		if (err == nil) != (len(keys) > 0) || len(keys) > mostKeys {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if !checks(k) {
				t.Fatalf("took %v", k)
			}
		}
	})
}

func FuzzReadRules(f *testing.F) {
	f.Add("groups = Elections -> viewer\n\n a=b->c\r\nx -> y = z -> w")
	f.Add("->=")
	f.Add("= -> ")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ReadRules(text)
		if err != nil || len(rules) > mostList {
			return
		}
		set := Settings{Rules: rules}
		var roles []string
		for _, r := range rules {
			roles = append(roles, r.Role)
		}
		if set.checkRules(roles) != nil || strings.ContainsAny(text, "\r") {
			return
		}
		for _, r := range rules { // what is shown again is read the same
			if strings.Contains(r.Claim, "=") || strings.Contains(r.Role, "->") || strings.TrimSpace(r.Role) == "" {
				return
			}
		}
		again, err := ReadRules(WriteRules(rules))
		if err != nil || !reflect.DeepEqual(again, rules) {
			t.Fatalf("%q: %q became %q, %v", text, rules, again, err)
		}
	})
}

func FuzzReadClaims(f *testing.F) {
	f.Add(`{"sub":"a","groups":["x","y"],"realm":{"roles":["z"]},"n":1.5e3,"b":true,"x":null}`, `{"sub":"b","email":"c"}`)
	f.Add(`{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}`, `{}`)
	f.Add(`{"a":[[[]]],"a.b":"x","b":{"c":1},"b.c":2}`, `{}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		a, err := readObject([]byte(first))
		if err != nil {
			return
		}
		b, err := readObject([]byte(second))
		if err != nil {
			return
		}
		claims, err := readClaims(a, b)
		if err != nil {
			return
		}
		n := 0
		for name, values := range claims {
			if n += len(values); len(name) > mostText*(mostDeep+2) {
				t.Fatalf("a name of %d letters", len(name))
			}
		}
		if n > mostClaims {
			t.Fatalf("%d values", n)
		}
		if text, ok := a["sub"].(string); ok && (len(claims["sub"]) == 0 || claims["sub"][0] != text) {
			t.Fatalf("sub is %q, not %q", claims["sub"], text)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a","token_endpoint":"https://a.example/t","jwks_uri":"https://a.example/k"}`)
	f.Add(`{"issuer":"https://a.example","authorization_endpoint":"http://a.example","token_endpoint":"file:///x","jwks_uri":"javascript:"}`)
	f.Fuzz(func(t *testing.T, body string) {
		var d discovery
		if json.Unmarshal([]byte(body), &d) != nil {
			return
		}
		algs, err := d.check("https://a.example")
		if err != nil {
			return
		}
		for _, a := range algs {
			if strings.HasPrefix(a, "HS") || a == "none" {
				t.Fatalf("takes %s", a)
			}
		}
		for _, at := range []string{d.Authorize, d.Token, d.Keys} {
			if !strings.HasPrefix(strings.ToLower(at), "http") {
				t.Fatalf("goes to %q", at)
			}
		}
	})
}
