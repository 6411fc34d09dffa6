// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/reach"
)

// Client is a satellite: a program of the office whose people sign in here.
type Client struct {
	ID, Name    string
	Public      bool     // it can keep no secret: it runs on a person's own device
	Redirects   []string // where people may be sent with a code
	SignOuts    []string // where they may go after signing out
	BackChannel string   // where it is told that a session has ended
	Scopes      []string // what it may learn besides who it is
	Roles       []string // whose holders may use it; empty: all staff
	Level       int      // how well they must have proved who they are
	Made        time.Time
	MadeBy      string
	SecretMade  time.Time // zero: none yet

	hash string
}

// Scopes are what a satellite may learn about a person besides an id that never
// changes.
var Scopes = []string{"profile", "email", "roles"}

// Limits of what a satellite is registered with.
const (
	mostName      = 100
	mostAddress   = 1000
	mostAddresses = 10
)

// tidy brings what was typed into shape.
func (c *Client) tidy() {
	c.Name = strings.Join(strings.Fields(c.Name), " ")
	c.BackChannel = strings.TrimSpace(c.BackChannel)
	for _, list := range []*[]string{&c.Redirects, &c.SignOuts, &c.Scopes, &c.Roles} {
		*list = tidyList(*list)
	}
	if c.Level == 0 {
		c.Level = 1
	}
}

// tidyList drops what is empty or said twice, and keeps the order.
func tidyList(list []string) []string {
	out := []string{}
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// check says all that is wrong with a satellite, given the roles that there are.
func (c *Client) check(roles []string) error {
	var wrong []error
	add := func(field string, err error) { wrong = append(wrong, fault.On(field, err)) }
	if c.Name == "" || len(c.Name) > mostName || strings.ContainsFunc(c.Name, func(r rune) bool { return r < ' ' }) {
		add("name", fault.New(fault.Invalid, "Give the satellite a name of at most %d letters.", mostName))
	}
	if len(c.Redirects) == 0 {
		add("redirects", fault.New(fault.Invalid, "Say where people come back to: the satellite's redirect address."))
	}
	for field, list := range map[string][]string{"redirects": c.Redirects, "signouts": c.SignOuts} {
		if len(list) > mostAddresses {
			add(field, fault.New(fault.Invalid, "At most %d addresses can be given.", mostAddresses))
		}
		for _, one := range list {
			add(field, checkAddress(one))
		}
	}
	if c.BackChannel != "" {
		add("backchannel", checkAddress(c.BackChannel))
	}
	for _, one := range c.Scopes {
		if !slices.Contains(Scopes, one) {
			add("scopes", fault.New(fault.Invalid, "There is no scope %q; choose from %s.", one, strings.Join(Scopes, ", ")))
		}
	}
	for _, one := range c.Roles {
		if !slices.Contains(roles, one) {
			add("roles", fault.New(fault.Invalid, "There is no role %q; choose from %s.", one, strings.Join(roles, ", ")))
		}
	}
	if c.Level < 1 || c.Level > 3 {
		add("level", fault.New(fault.Invalid, "The level is 1, 2 or 3."))
	}
	return errors.Join(wrong...)
}

// ours are the fields that our answers add to a redirect address.
var ours = []string{"code", "state", "iss", "error", "error_description"}

// checkAddress takes the addresses of satellites that can be compared letter by
// letter and lead to one place only.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > mostAddress || strings.ContainsFunc(address, unplain):
		return fault.New(fault.Invalid, "%q is no address that can be used.", clip(address))
	case !reach.Safe(u):
		return fault.New(fault.Invalid, "%q: want https://, or http:// on this machine itself (localhost, 127.0.0.1, [::1]).", clip(address))
	case u.User != nil || strings.Contains(address, "#"):
		return fault.New(fault.Invalid, "%q: leave out the fragment and the user's name.", clip(address))
	case u.Host != strings.ToLower(u.Host) || strings.HasSuffix(u.Host, ":") || dotted(u.Path):
		return fault.New(fault.Invalid, "%q: write the host in small letters, and the path without . and .. in it.", clip(address))
	}
	for name := range u.Query() {
		if slices.Contains(ours, name) {
			return fault.New(fault.Invalid, "%q: the field %s is ours to add.", clip(address), name)
		}
	}
	return nil
}

// unplain are characters that browsers and programs read in different ways.
func unplain(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`\"<>*^{}|`+"`", r) }

func dotted(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return part == "." || part == ".." })
}

// clip keeps what is quoted to a line.
func clip(text string) string {
	if len(text) > 120 {
		return strings.ToValidUTF8(text[:120], "") + "…"
	}
	return text
}

// allows says whether the roles that a person holds let them use the satellite.
func (c *Client) allows(held []string) bool {
	return len(c.Roles) == 0 || slices.ContainsFunc(c.Roles, func(r string) bool { return slices.Contains(held, r) })
}

// granted are the scopes that a satellite gets of those it asks for.
func (c *Client) granted(asked []string) []string {
	out := []string{"openid"}
	for _, one := range c.Scopes {
		if slices.Contains(asked, one) {
			out = append(out, one)
		}
	}
	return out
}
