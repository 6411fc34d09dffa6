// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hustings/kit/fault"
)

// The schemas of RFC 7643.
const (
	userSchema  = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// longestText bounds each text that a program sends.
const longestText = 256

// Person is somebody whose account a program keeps.
type Person struct {
	Account, ExternalID               string
	UserName                          string // the address of the account
	Formatted, Given, Family, Display string
	Mail                              string // the work address that was sent, "" for none
	Active                            bool   // as the program has it
	Version                           int64
	Made, Changed, Removed            time.Time // Removed is zero for whoever is there

	disabled bool // the account, by a program
	groups   []member
}

// name is what the account is called.
func (p Person) name() string {
	for _, n := range []string{p.Display, p.Formatted, strings.TrimSpace(p.Given + " " + p.Family)} {
		if n != "" {
			return n
		}
	}
	return p.UserName
}

// users are made of these attributes.
var users = kind{
	schema: userSchema,
	keeps: map[string]string{"username": "userName", "externalid": "externalId", "name": "name", "displayname": "displayName", "active": "active",
		"emails": "emails", "id": "id", "meta": "meta", "schemas": "schemas", "groups": "groups"},
	parts: map[string][]string{"name": {"formatted", "givenname", "familyname"}, "emails": {"value", "type", "primary", "display"}},
	fixed: map[string]bool{"id": true, "meta": true, "schemas": true, "groups": true},
	passed: map[string]bool{"nickname": true, "profileurl": true, "title": true, "usertype": true, "preferredlanguage": true, "locale": true,
		"timezone": true, "password": true, "phonenumbers": true, "ims": true, "photos": true, "addresses": true, "entitlements": true,
		"roles": true, "x509certificates": true, "name.middlename": true, "name.honorificprefix": true, "name.honorificsuffix": true},
}

// asked is what a program may say of a person, as the patch and the filter see it.
func (p Person) asked() attributes {
	of := attributes{"userName": p.UserName, "active": p.Active,
		"name": attributes{"formatted": p.Formatted, "givenname": p.Given, "familyname": p.Family}}
	for name, v := range map[string]string{"externalId": p.ExternalID, "displayName": p.Display} {
		if v != "" {
			of[name] = v
		}
	}
	if p.Mail != "" {
		of["emails"] = []any{attributes{"value": p.Mail, "type": "work", "primary": true}}
	}
	return of
}

// shown is a person as SCIM answers with them.
func (p Person) shown(base string) attributes {
	of := p.asked()
	name := attributes{}
	for part, v := range map[string]string{"formatted": p.Formatted, "givenName": p.Given, "familyName": p.Family} {
		if v != "" {
			name[part] = v
		}
	}
	if delete(of, "name"); len(name) > 0 {
		of["name"] = name
	}
	for _, g := range p.groups {
		of["groups"] = append(list(of["groups"]), attributes{"value": g.group, "display": g.name, "$ref": base + "/Groups/" + g.group})
	}
	of["schemas"], of["id"] = []any{userSchema}, p.Account
	of["meta"] = meta("User", base+"/Users/"+p.Account, p.Version, p.Made, p.Changed)
	return of
}

func meta(kind, location string, version int64, made, changed time.Time) attributes {
	return attributes{"resourceType": kind, "location": location, "version": etag(version),
		"created": made.UTC().Format(time.RFC3339Nano), "lastModified": changed.UTC().Format(time.RFC3339Nano)}
}

func etag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

// take reads what a program says of a person. What it does not say becomes
// empty; active is as it was.
func (p *Person) take(of attributes) (err error) {
	text := func(in attributes, field string) string {
		s, wrong := textOf(in, field)
		if wrong != nil && err == nil {
			err = wrong
		}
		return s
	}
	p.UserName = strings.ToLower(text(of, "userName"))
	p.ExternalID, p.Display = text(of, "externalId"), text(of, "displayName")
	name, _ := of["name"].(attributes)
	p.Formatted, p.Given, p.Family = text(name, "formatted"), text(name, "givenName"), text(name, "familyName")
	p.Mail = ""
	for _, v := range list(of["emails"]) {
		one, ok := v.(attributes)
		if !ok {
			return badValue("emails")
		}
		if mail := text(one, "value"); p.Mail == "" || truth(get(one, "primary")) {
			p.Mail = mail
		}
	}
	if v := of["active"]; v != nil {
		if p.Active, err = flag(v, err); err != nil {
			return err
		}
	}
	if p.UserName == "" && err == nil {
		err = fault.On("userName", fault.New(fault.Invalid, "The userName is missing. It is the person's e-mail address."))
	}
	return err
}

func badValue(field string) error {
	return fault.On(field, fault.New(fault.Invalid, "The value of %s cannot be used. It should be text of at most %d letters, without control characters.", field, longestText))
}

// textOf is a text among attributes, "" where it is not there.
func textOf(in attributes, field string) (string, error) {
	v := get(in, field)
	s, ok := v.(string)
	if v != nil && !ok || utf8.RuneCountInString(s) > longestText || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", badValue(field)
	}
	return strings.TrimSpace(s), nil
}

func truth(v any) bool { b, _ := flag(v, nil); return b }

// flag reads a boolean, which Entra ID sends as the text "False".
func flag(v any, before error) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, before
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(v)); err == nil {
			return b, before
		}
	}
	return false, fault.On("active", fault.New(fault.Invalid, "The value of active is true or false."))
}

// differs names the attributes in which two states of a person differ.
func (p Person) differs(was Person) (names []string) {
	for _, d := range []struct {
		name string
		is   bool
	}{
		{"userName", p.UserName != was.UserName}, {"externalId", p.ExternalID != was.ExternalID}, {"displayName", p.Display != was.Display},
		{"name", p.Formatted != was.Formatted || p.Given != was.Given || p.Family != was.Family},
		{"emails", p.Mail != was.Mail}, {"active", p.Active != was.Active},
	} {
		if d.is {
			names = append(names, d.name)
		}
	}
	return names
}
