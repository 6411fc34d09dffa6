// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/web"
)

// Pages of a list (RFC 7644, 3.4.2.4).
const (
	pageSize = 100
	mostPage = 200
)

// scimRoutes are what a directory's program talks to.
func (s *Provision) scimRoutes() []web.Route {
	// A directory sends bursts as it goes through its people: Entra ID some 25
	// requests in a second.
	rate := web.Rate{PerSecond: 25, Burst: 250}
	var out []web.Route
	for _, r := range []struct {
		pattern string
		do      web.Handler
	}{
		{"GET /scim/v2/ServiceProviderConfig", s.showConfig},
		{"GET /scim/v2/ResourceTypes", s.showTypes},
		{"GET /scim/v2/ResourceTypes/{kind}", s.showType},
		{"GET /scim/v2/Schemas", s.showSchemas},
		{"GET /scim/v2/Schemas/{kind}", s.showSchema},
		{"GET /scim/v2/Users", s.listUsers},
		{"POST /scim/v2/Users", s.addUser},
		{"GET /scim/v2/Users/{id}", s.showUser},
		{"PUT /scim/v2/Users/{id}", s.replaceUser},
		{"PATCH /scim/v2/Users/{id}", s.patchUser},
		{"DELETE /scim/v2/Users/{id}", s.removeUser},
		{"GET /scim/v2/Groups", s.listGroups},
		{"POST /scim/v2/Groups", s.addGroup},
		{"GET /scim/v2/Groups/{id}", s.showGroup},
		{"PUT /scim/v2/Groups/{id}", s.replaceGroup},
		{"PATCH /scim/v2/Groups/{id}", s.patchGroup},
		{"DELETE /scim/v2/Groups/{id}", s.removeGroup},
		{"POST /scim/v2/Bulk", notHere},
		{"GET /scim/v2/Me", notHere},
	} {
		out = append(out, web.Route{Pattern: r.pattern, Needs: mayProvision, Rate: rate, Do: r.do, Fault: answerFault})
	}
	return out
}

func notHere(http.ResponseWriter, *http.Request) error { return errNotHere }

// base is the address of the interface.
func (s *Provision) base(r *http.Request) string {
	if s.URL != "" {
		return strings.TrimSuffix(s.URL, "/") + "/scim/v2"
	}
	if s.Secure {
		return "https://" + r.Host + "/scim/v2"
	}
	return "http://" + r.Host + "/scim/v2"
}

// match is what a program says of the version that it means to change
// (RFC 7644, 3.14): nothing, or those it would take.
type match string

func (m match) fits(version int64) error {
	if m == "" || m == "*" {
		return nil
	}
	for _, tag := range strings.Split(string(m), ",") {
		if sameTag(tag, version) {
			return nil
		}
	}
	return errVersion
}

// sameTag compares weakly: there is one form of each version.
func sameTag(tag string, version int64) bool {
	return strings.TrimPrefix(strings.TrimSpace(tag), "W/") == strings.TrimPrefix(etag(version), "W/")
}

// read reads the body of a request.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something stands behind it")
		}
	}
	var big *http.MaxBytesError
	if err == nil || errors.As(err, &big) {
		return err
	}
	return typed("invalidSyntax", fault.Wrap(fault.Invalid, err, "The body of the request is not a JSON object of SCIM."))
}

// one answers with a resource, or that it is as the program knows it.
func answerOne(w http.ResponseWriter, r *http.Request, status int, version int64, of attributes) error {
	w.Header().Set("ETag", etag(version))
	if status == http.StatusCreated {
		w.Header().Set("Location", of["meta"].(attributes)["location"].(string))
	}
	if r.Method == http.MethodGet {
		for _, tag := range strings.Split(r.Header.Get("If-None-Match"), ",") {
			if sameTag(tag, version) {
				w.WriteHeader(http.StatusNotModified)
				return nil
			}
		}
	}
	show, err := projection(r)
	if err != nil {
		return err
	}
	return answer(w, status, show(of))
}

// projection is which attributes a program wants to see (RFC 7644, 3.9); the
// id and the schemas always.
func projection(r *http.Request) (func(of attributes) attributes, error) {
	wanted, err := names(r.FormValue("attributes"))
	if err != nil {
		return nil, err
	}
	unwanted, err := names(r.FormValue("excludedAttributes"))
	if err != nil {
		return nil, err
	}
	always := []string{"id", "schemas"}
	return func(of attributes) attributes {
		out := make(attributes, len(of))
		for name, v := range of {
			low := strings.ToLower(name)
			if slices.Contains(always, low) || (len(wanted) == 0 || wanted[low]) && !unwanted[low] {
				out[name] = v
			}
		}
		return out
	}, nil
}

// names reads a list of attributes; of a part it takes the whole.
func names(text string) (map[string]bool, error) {
	out := make(map[string]bool)
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		p := &parser{text: one, types: "invalidPath"}
		a, err := p.name()
		if err != nil || len(out) > 100 {
			return nil, p.wrong()
		}
		out[a.name] = true
	}
	return out, nil
}

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// answerList answers with a page of those resources that a filter means.
func answerList(w http.ResponseWriter, r *http.Request, all []attributes) error {
	if text := r.FormValue("filter"); text != "" {
		means, err := readFilter(text)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(of attributes) bool { return !means(of) })
	}
	if by := r.FormValue("sortBy"); by != "" {
		if err := sortBy(all, by, strings.EqualFold(r.FormValue("sortOrder"), "descending")); err != nil {
			return err
		}
	}
	from, err := number(r, "startIndex", 1)
	if err != nil {
		return err
	}
	count, err := number(r, "count", pageSize)
	if err != nil {
		return err
	}
	from, count = max(from, 1), min(max(count, 0), mostPage)
	show, err := projection(r)
	if err != nil {
		return err
	}
	page := all[min(from-1, len(all)):min(from-1+count, len(all))]
	shown := make([]attributes, len(page))
	for i, of := range page {
		shown[i] = show(of)
	}
	return answer(w, http.StatusOK, map[string]any{"schemas": []string{listSchema}, "totalResults": len(all),
		"startIndex": from, "itemsPerPage": len(shown), "Resources": shown})
}

// sortBy orders resources by an attribute; those without it come last, and
// first when the order is turned around (RFC 7644, 3.4.2.3).
func sortBy(all []attributes, by string, down bool) error {
	p := &parser{text: by, types: "invalidPath"}
	a, err := p.name()
	if p.skip(); err != nil || p.at < len(by) {
		return p.wrong()
	}
	key := func(of attributes) any {
		if v := a.values(of); len(v) > 0 {
			return v[0]
		}
		return nil
	}
	slices.SortStableFunc(all, func(x, y attributes) int {
		n := compare(a, key(x), key(y))
		if down {
			return -n
		}
		return n
	})
	return nil
}

func compare(a attrPath, x, y any) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	if b, ok := x.(bool); ok && x != y {
		if b {
			return 1
		}
		return -1
	}
	n, _ := order(a, x, y)
	return n
}

// number reads a number of a query.
func number(r *http.Request, name string, otherwise int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > 1_000_000 || n < -1_000_000 {
		return 0, typed("invalidValue", fault.New(fault.Invalid, "%s is a number.", name))
	}
	return n, nil
}

// wantedBy is what a filter of one comparison wants; whoever lists applies the
// filter itself as well.
func wantedBy(filter string) (w wanted) {
	if len(filter) > longestFilter {
		return w
	}
	equal := equals(filter)
	if name, ok := equal["username"].(string); ok {
		w.userName = strings.ToLower(name)
	}
	w.externalID, _ = equal["externalid"].(string)
	return w
}

func (s *Provision) listUsers(w http.ResponseWriter, r *http.Request) error {
	people, err := s.people(r.Context(), wantedBy(r.FormValue("filter")))
	if err != nil {
		return err
	}
	base := s.base(r)
	all := make([]attributes, len(people))
	for i, p := range people {
		all[i] = p.shown(base)
	}
	return answerList(w, r, all)
}

func (s *Provision) showUser(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, p.Version, p.shown(s.base(r)))
}

func (s *Provision) addUser(w http.ResponseWriter, r *http.Request) error {
	var body attributes
	if err := read(r, &body); err != nil {
		return err
	}
	p, err := s.AddPerson(r.Context(), body)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusCreated, p.Version, p.shown(s.base(r)))
}

func given(r *http.Request) match { return match(strings.TrimSpace(r.Header.Get("If-Match"))) }

func (s *Provision) replaceUser(w http.ResponseWriter, r *http.Request) error {
	var body attributes
	if err := read(r, &body); err != nil {
		return err
	}
	p, err := s.ReplacePerson(r.Context(), r.PathValue("id"), given(r), body)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, p.Version, p.shown(s.base(r)))
}

func (s *Provision) patchUser(w http.ResponseWriter, r *http.Request) error {
	var body patchRequest
	if err := read(r, &body); err != nil {
		return err
	}
	p, err := s.PatchPerson(r.Context(), r.PathValue("id"), given(r), body.Operations)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, p.Version, p.shown(s.base(r)))
}

func (s *Provision) removeUser(w http.ResponseWriter, r *http.Request) error {
	if err := s.RemovePerson(r.Context(), r.PathValue("id"), given(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Provision) listGroups(w http.ResponseWriter, r *http.Request) error {
	found, err := s.Groups(r.Context())
	if err != nil {
		return err
	}
	base := s.base(r)
	all := make([]attributes, len(found))
	for i, g := range found {
		all[i] = g.shown(base)
	}
	return answerList(w, r, all)
}

func (s *Provision) showGroup(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Group(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, g.Version, g.shown(s.base(r)))
}

func (s *Provision) addGroup(w http.ResponseWriter, r *http.Request) error {
	var body attributes
	if err := read(r, &body); err != nil {
		return err
	}
	g, err := s.AddGroup(r.Context(), body)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusCreated, g.Version, g.shown(s.base(r)))
}

func (s *Provision) replaceGroup(w http.ResponseWriter, r *http.Request) error {
	var body attributes
	if err := read(r, &body); err != nil {
		return err
	}
	g, err := s.ReplaceGroup(r.Context(), r.PathValue("id"), given(r), body)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, g.Version, g.shown(s.base(r)))
}

func (s *Provision) patchGroup(w http.ResponseWriter, r *http.Request) error {
	var body patchRequest
	if err := read(r, &body); err != nil {
		return err
	}
	g, err := s.PatchGroup(r.Context(), r.PathValue("id"), given(r), body.Operations)
	if err != nil {
		return err
	}
	return answerOne(w, r, http.StatusOK, g.Version, g.shown(s.base(r)))
}

func (s *Provision) removeGroup(w http.ResponseWriter, r *http.Request) error {
	if err := s.RemoveGroup(r.Context(), r.PathValue("id"), given(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
