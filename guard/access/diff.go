// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hustings/kit/who"
)

// Change is something that some people gain or lose by other policies.
type Change struct {
	Gains      bool
	People     []string // ids; empty: whoever holds Role alone, or anybody who works here
	Role       Role
	Permission string
	Where      string
	Cases      []Case // in these situations only; none: in all
}

// Case is a situation by its name, and the text that it is about.
type Case struct{ Name, Text string }

// subject is somebody whom a change of policies may matter to: people who hold
// the same roles and are not named one by one are the same to every policy.
type subject struct {
	ids  []string
	role Role
	me   who.Person
	held []Role
}

var (
	personNamed       = regexp.MustCompile(`Person::"((?:[^"\\]|\\.)*)"`)
	jurisdictionNamed = regexp.MustCompile(`Jurisdiction::"((?:[^"\\]|\\.)*)"`)
)

// mostPlaces bounds in how many jurisdictions policies are compared.
const mostPlaces = 50

// compare asks old and new policies the same questions: for each person and each
// role, each permission, at the office and wherever below it grants or the
// policies' own words make a difference, in every situation that policies can
// tell apart.
func (st *standing) compare(c *catalogue, where, before, after string, own []rule) []Change {
	list := situationsFor(before, after)
	var out []Change
	for _, at := range st.placesFor(where, before, after) {
		old := st.rulesOf(at)
		fresh := st.replaced(where, at, own)
		for _, sub := range st.subjects(at, old, fresh, before+after) {
			for _, p := range c.permissions {
				q := question{me: sub.me, held: sub.held, where: at, action: p.Name, now: sampleTime}
				was, is := old.in(list, q), fresh.in(list, q)
				out = append(out, changes(sub, p.Name, at, list, was, is)...)
			}
		}
	}
	return inherited(out, where)
}

// placesFor are the jurisdictions to look at: the office itself first.
func (st *standing) placesFor(where string, texts ...string) []string {
	out := []string{where}
	add := func(j string) {
		if covers(where, j) && !slices.Contains(out, j) && len(out) < mostPlaces {
			out = append(out, j)
		}
	}
	for _, text := range texts {
		for _, m := range jurisdictionNamed.FindAllStringSubmatch(text, -1) {
			add(m[1])
		}
	}
	for _, j := range st.below(where) {
		add(j)
	}
	return out
}

// replaced are the policies at a jurisdiction once an office at or above it has
// others.
func (st *standing) replaced(office, at string, own []rule) *rules {
	var list []rule
	for j := at; j != ""; j = above(j) {
		theirs := []rule(nil)
		if o := st.offices[j]; o != nil {
			theirs = o.own
		}
		if j == office {
			theirs = own
		}
		list = slices.Concat(theirs, list)
	}
	return shipped().with(list)
}

// subjects are all to whom policies may matter at a jurisdiction.
func (st *standing) subjects(at string, old, fresh *rules, text string) []subject {
	var out []subject
	named := make(map[string]bool)
	for _, m := range personNamed.FindAllStringSubmatch(text, -1) {
		named[m[1]] = true
	}
	alike := make(map[string]int)
	people := st.people(at)
	for id := range named {
		people = append(people, id)
	}
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		held := st.held(id, at)
		slices.Sort(held)
		key := fmt.Sprint(held)
		if named[id] {
			key = "named " + id
		}
		if i, ok := alike[key]; ok {
			out[i].ids = append(out[i].ids, id)
			continue
		}
		alike[key] = len(out)
		out = append(out, subject{ids: []string{id}, me: signedIn(who.Person{ID: id, Jurisdiction: at}), held: held})
	}
	anyone := signedIn(who.Person{ID: sampleID, Jurisdiction: at})
	out = append(out, subject{me: anyone})
	roles := slices.Concat(old.roles(), fresh.roles())
	slices.Sort(roles)
	for _, r := range slices.Compact(roles) {
		out = append(out, subject{role: r, me: anyone, held: []Role{r}})
	}
	return out
}

// changes sums up what one subject gains and loses of one permission.
func changes(sub subject, permission, at string, list []situation, was, is []bool) []Change {
	var out []Change
	for _, gains := range []bool{true, false} {
		ch := Change{Gains: gains, People: sub.ids, Role: sub.role, Permission: permission, Where: at}
		for i := range list {
			if was[i] != is[i] && is[i] == gains {
				ch.Cases = append(ch.Cases, Case{list[i].name, list[i].lit})
			}
		}
		switch len(ch.Cases) {
		case 0:
			continue
		case len(list):
			ch.Cases = nil
		}
		out = append(out, ch)
	}
	return out
}

// inherited leaves out what changes below just as it does at the office itself.
func inherited(all []Change, where string) []Change {
	said := make(map[string]bool)
	key := func(c Change) string {
		return fmt.Sprint(c.Gains, c.People, c.Role, c.Permission, c.Cases)
	}
	for _, c := range all {
		if c.Where == where {
			said[key(c)] = true
		}
	}
	return slices.DeleteFunc(all, func(c Change) bool { return c.Where != where && said[key(c)] })
}

// String is a change in one line, for the command line.
func (c Change) String() string {
	verb := "loses"
	if c.Gains {
		verb = "gains"
	}
	subject := "anybody who works here"
	switch {
	case len(c.People) > 0:
		subject = strings.Join(c.People, ", ")
	case c.Role != "":
		subject = "role " + string(c.Role)
	}
	line := subject + " " + verb + " " + c.Permission + " in " + place(c.Where)
	for i, k := range c.Cases {
		if i == 0 {
			line += ", only:"
		}
		line += " " + strings.TrimSpace(k.Name+" "+k.Text)
	}
	return line
}
