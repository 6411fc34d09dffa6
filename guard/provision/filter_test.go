// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/kit/fault"
)

// ann is the user of the examples.
const ann = `{"id": "2819c223", "userName": "bjensen@vale.gov", "externalId": "Bj", "active": true, "title": "Clerk", "userType": "Employee",
	"name": {"familyName": "O'Malley", "givenName": "Barbara"}, "count": 3,
	"emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "babs@jensen.org", "type": "home"}],
	"ims": [{"type": "xmpp", "value": "babs@foo.com"}], "empty": "",
	"meta": {"lastModified": "2011-05-13T04:42:34Z", "resourceType": "User"}, "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}`

func parsed(t testing.TB, text string) (of attributes) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &of); err != nil {
		t.Fatal(err)
	}
	return of
}

// TestFilters has the examples of RFC 7644, 3.4.2.2, those that Entra ID and
// Okta send, and their opposites.
func TestFilters(t *testing.T) {
	of := parsed(t, ann)
	for _, tt := range []struct {
		filter string
		want   bool
	}{
		{`userName eq "bjensen@vale.gov"`, true},
		{`userName Eq "BJensen@Vale.gov"`, true},
		{`USERNAME eq "bo@vale.gov"`, false},
		{`externalId eq "Bj"`, true},
		{`externalId eq "bj"`, false},
		{`id eq "2819c223"`, true},
		{`name.familyName co "O'Malley"`, true},
		{`userName sw "B"`, true},
		{`userName ew ".gov"`, true},
		{`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "bj"`, true},
		{`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x"`, false},
		{`title pr`, true},
		{`empty pr`, false},
		{`nothing pr`, false},
		{`meta.lastModified gt "2011-05-13T04:42:33Z"`, true},
		{`meta.lastModified ge "2011-05-13T06:42:34+02:00"`, true},
		{`meta.lastModified lt "2011-05-13T04:42:34Z"`, false},
		{`meta.lastModified le "2011-05-13T04:42:34Z"`, true},
		{`title pr and userType eq "Employee"`, true},
		{`title pr or userType eq "Intern"`, true},
		{`schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"`, true},
		{`userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")`, true},
		{`userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")`, false},
		{`userType eq "Employee" and (emails.type eq "work")`, true},
		{`userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`, true},
		{`emails[type eq "home" and value co "@example.com"]`, false},
		{`emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]`, true},
		{`active eq true`, true},
		{`active eq False`, false},
		{`active ne false`, true},
		{`count gt 2`, true},
		{`count le 2.5`, false},
		{`nothing eq null`, true},
		{`title eq null`, false},
		{`not (title pr)`, false},
		{`title eq "Boss" or title pr and active eq false`, false}, // and binds closer
		{`userName eq "a\"b\u0041"`, false},
		{` ( ( userName pr ) ) `, true},
	} {
		f, err := readFilter(tt.filter)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
		} else if got := f(of); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.filter, got, tt.want)
		}
	}
}

func TestFiltersThatCannotBeRead(t *testing.T) {
	for _, text := range []string{
		"", "userName", `userName eq`, `userName eq bjensen`, `userName is "x"`, `userName eq "x`, `userName eq "x" and`, `and userName pr`,
		`(userName pr`, `userName pr)`, `not userName pr x`, `emails[type eq "work"`, `emails[]`, `userName eq {"a":1}`, `userName eq [1]`,
		`a..b pr`, `.a pr`, `userName pr userName pr`, strings.Repeat("(", 30) + "a pr" + strings.Repeat(")", 30),
		strings.Repeat("a pr or ", 200) + "a pr", `a eq "` + strings.Repeat("x", 3000) + `"`, `a eq tru`, "a eq\x00", `emails.type[value pr]`,
	} {
		_, err := readFilter(text)
		if fault.KindOf(err) != fault.Invalid || scimTypeOf(err) != "invalidFilter" {
			t.Errorf("%.60q: got %v", text, err)
		}
	}
}

func scimTypeOf(err error) string {
	f, _ := err.(scimFault)
	return f.scimType
}

// TestPatches has the examples of RFC 7644, 3.5.2, and what Entra ID and Okta
// make of them.
func TestPatches(t *testing.T) {
	const user = `{"userName": "a@vale.gov", "active": true, "name": {"formatted": "", "givenname": "Ann", "familyname": "Olsen"}}`
	const work = `{"userName": "a@vale.gov", "emails": [{"type": "work", "value": "a@old.org"}]}`
	const group = `{"displayName": "Clerks", "members": [{"value": "1"}, {"value": "2"}]}`
	for _, tt := range []struct {
		name string
		kind kind
		was  string
		ops  string
		want string // what it is then, or the scimType of the fault
	}{
		{"a member is added", groups, group, `[{"op":"add","path":"members","value":[{"display":"B","value":"3"}]}]`, `{"displayName":"Clerks","members":[{"value":"1"},{"value":"2"},{"display":"B","value":"3"}]}`},
		{"a member that is there is not added", groups, group, `[{"op":"Add","path":"members","value":[{"value":"2"}]}]`, group},
		{"one member without a list", groups, group, `[{"op":"add","path":"members","value":{"value":"3"}}]`, `{"displayName":"Clerks","members":[{"value":"1"},{"value":"2"},{"value":"3"}]}`},
		{"a member is removed by a filter", groups, group, `[{"op":"remove","path":"members[value eq \"2\"]"}]`, `{"displayName":"Clerks","members":[{"value":"1"}]}`},
		{"two members are removed by a filter", groups, group, `[{"op":"remove","path":"members[value eq \"2\" or value eq \"1\"]"}]`, `{"displayName":"Clerks","members":[]}`},
		{"a member is removed as Entra ID does it", groups, group, `[{"op":"Remove","path":"members","value":[{"value":"1"}]}]`, `{"displayName":"Clerks","members":[{"value":"2"}]}`},
		{"a member who is not there is removed", groups, group, `[{"op":"remove","path":"members[value eq \"9\"]"}]`, group},
		{"all members are removed", groups, group, `[{"op":"remove","path":"members"}]`, `{"displayName":"Clerks"}`},
		{"all members are replaced", groups, group, `[{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"7"}]}]`, `{"displayName":"Clerks","members":[{"value":"7"}]}`},
		{"a group is renamed as Okta does it", groups, group, `[{"op":"replace","value":{"id":"g1","displayName":"Press"}}]`, "mutability"},
		{"a group is renamed", groups, group, `[{"op":"replace","value":{"displayName":"Press"}}]`, `{"displayName":"Press","members":[{"value":"1"},{"value":"2"}]}`},
		{"somebody is stopped as Entra ID does it", users, user, `[{"op":"Replace","path":"active","value":"False"}]`, `{"userName":"a@vale.gov","active":"False","name":{"formatted":"","givenname":"Ann","familyname":"Olsen"}}`},
		{"somebody is stopped as Okta does it", users, user, `[{"op":"replace","value":{"active":false}}]`, `{"userName":"a@vale.gov","active":false,"name":{"formatted":"","givenname":"Ann","familyname":"Olsen"}}`},
		{"a part of a name", users, user, `[{"op":"Replace","path":"name.familyName","value":"Berg"}]`, `{"userName":"a@vale.gov","active":true,"name":{"formatted":"","givenname":"Ann","familyname":"Berg"}}`},
		{"parts of a name joined", users, user, `[{"op":"add","path":"name","value":{"familyName":"Berg"}}]`, `{"userName":"a@vale.gov","active":true,"name":{"formatted":"","givenname":"Ann","familyName":"Berg"}}`},
		{"parts without a path", users, user, `[{"op":"replace","value":{"name.givenName":"Anna","urn:ietf:params:scim:schemas:core:2.0:User:displayName":"A"}}]`, `{"userName":"a@vale.gov","active":true,"displayName":"A","name":{"formatted":"","givenname":"Anna","familyname":"Olsen"}}`},
		{"a work address that was there", users, work, `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@new.org"}]`, `{"userName":"a@vale.gov","emails":[{"type":"work","value":"a@new.org"}]}`},
		{"a work address that was not", users, user, `[{"op":"Add","path":"emails[type eq \"work\"].value","value":"a@new.org"}]`, `{"userName":"a@vale.gov","active":true,"emails":[{"type":"work","value":"a@new.org"}],"name":{"formatted":"","givenname":"Ann","familyname":"Olsen"}}`},
		{"another address than there is", users, work, `[{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}]`, "noTarget"},
		{"what is not kept here", users, user, `[{"op":"Replace","path":"title","value":"Boss"},{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"x"},{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"1"},{"op":"add","path":"addresses[type eq \"work\"].locality","value":"Vale"}]`, user},
		{"the id", users, user, `[{"op":"replace","path":"id","value":"x"}]`, "mutability"},
		{"an attribute that nobody knows", users, user, `[{"op":"replace","path":"shoeSize","value":44}]`, "invalidPath"},
		{"a part that nobody knows", users, user, `[{"op":"replace","path":"name.shoe","value":44}]`, "invalidPath"},
		{"a path that cannot be read", users, user, `[{"op":"replace","path":"emails[type eq","value":44}]`, "invalidPath"},
		{"a remove of nothing", users, user, `[{"op":"remove"}]`, "noTarget"},
		{"an operation that nobody knows", users, user, `[{"op":"move","path":"title"}]`, "invalidSyntax"},
		{"an operation without path or object", users, user, `[{"op":"add","value":"x"}]`, "invalidValue"},
		{"no operations", users, user, `[]`, "invalidSyntax"},
		{"too many", users, user, `[` + strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 100) + `{"op":"add","path":"title","value":"x"}]`, "tooMany"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := parsed(t, tt.was)
			var ops []operation
			if err := json.Unmarshal([]byte(tt.ops), &ops); err != nil {
				t.Fatal(err)
			}
			err := tt.kind.patch(of, ops)
			if !strings.HasPrefix(tt.want, "{") {
				if err == nil || scimTypeOf(err) != tt.want {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, tt.want), of); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzReadFilter(f *testing.F) {
	f.Add(`userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`)
	f.Add(`not (a pr) or b.c le -1.5e3`)
	f.Add(`urn:x:y pr`)
	of := parsed(f, ann)
	f.Fuzz(func(t *testing.T, text string) {
		means, err := readFilter(text)
		if err == nil {
			means(of)
		} else if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzReadPath(f *testing.F) {
	f.Add("add", `members[value eq "1"]`, `[{"value":"2"}]`)
	f.Add("Replace", `emails[type eq "work"].value`, `"a@b"`)
	f.Add("remove", `name.familyName`, `null`)
	f.Add("replace", ``, `{"name":{"familyName":"x"},"emails":[1,[2],null]}`)
	f.Add("remove", `emails`, `[{"value":[]}]`)
	f.Fuzz(func(t *testing.T, op, path, value string) {
		if !json.Valid([]byte(value)) {
			value = "null"
		}
		for _, k := range []kind{users, groups} {
			of := Person{UserName: "a@vale.gov", Mail: "a@b", Active: true}.asked()
			of["displayName"], of["members"] = "g", []any{attributes{"value": "1"}}
			if err := k.patch(of, []operation{{op, path, json.RawMessage(value)}, {op, path, json.RawMessage(value)}}); err != nil {
				if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.TooLarge {
					t.Errorf("%v", err)
				}
				continue
			}
			var p Person
			var g Group
			_, _ = p.take(of), g.take(of) // must not panic
		}
	})
}
