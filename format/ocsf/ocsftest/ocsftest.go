// SPDX-License-Identifier: Apache-2.0

// Package ocsftest checks events against the official OCSF schema, for tests.
// The schema is uncompiled JSON: classes inherit through "extends", and take
// attributes in through "$include".
package ocsftest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// attribute is one attribute of a class or an object, merged.
type attribute struct {
	Type        string                     `json:"type"`
	ObjectType  string                     `json:"object_type"`
	IsArray     bool                       `json:"is_array"`
	Requirement string                     `json:"requirement"`
	Profile     any                        `json:"profile"`
	Enum        map[string]json.RawMessage `json:"enum"`
}

// definition is a class or an object as it stands in its file.
type definition struct {
	UID         int                        `json:"uid"`
	Name        string                     `json:"name"`
	Category    string                     `json:"category"`
	Extends     string                     `json:"extends"`
	Attributes  map[string]json.RawMessage `json:"attributes"`
	Constraints map[string][]string        `json:"constraints"`
}

// Schema is the compiled schema.
type Schema struct {
	dir        string
	dictionary map[string]attribute
	types      map[string]struct {
		Type   string `json:"type"`
		Regex  string `json:"regex"`
		MaxLen int    `json:"max_len"`
		Range  []int  `json:"range"`
	}
	categories map[string]struct{ UID int }
	classes    map[string]*definition
	objects    map[string]*definition
	byUID      map[int]string
}

// Open reads the schema in a folder.
func Open(dir string) (*Schema, error) {
	s := &Schema{dir: dir, classes: map[string]*definition{}, objects: map[string]*definition{}, byUID: map[int]string{}}
	var dict struct {
		Attributes map[string]attribute `json:"attributes"`
		Types      struct {
			Attributes json.RawMessage `json:"attributes"`
		} `json:"types"`
	}
	if err := s.read("dictionary.json", &dict); err != nil {
		return nil, err
	}
	s.dictionary = dict.Attributes
	if err := json.Unmarshal(dict.Types.Attributes, &s.types); err != nil {
		return nil, err
	}
	var cats struct {
		Attributes map[string]struct{ UID int } `json:"attributes"`
	}
	if err := s.read("categories.json", &cats); err != nil {
		return nil, err
	}
	s.categories = cats.Attributes
	if err := s.definitions("events", s.classes); err != nil {
		return nil, err
	}
	if err := s.definitions("objects", s.objects); err != nil {
		return nil, err
	}
	for name, d := range s.classes {
		if uid := s.classUID(d); uid != 0 {
			s.byUID[uid] = name
		}
	}
	return s, nil
}

func (s *Schema) read(name string, into any) error {
	body, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (s *Schema) definitions(folder string, into map[string]*definition) error {
	return filepath.WalkDir(filepath.Join(s.dir, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.dir, path)
		if err != nil {
			return err
		}
		d := &definition{}
		if err := s.read(rel, d); err != nil {
			return fmt.Errorf("%s: %w", rel, err)
		}
		into[d.Name] = d
		return nil
	})
}

// classUID is the category's number times a thousand and the class's own.
func (s *Schema) classUID(d *definition) int {
	for at := d; at != nil; at = s.classes[at.Extends] {
		if c, ok := s.categories[at.Category]; ok && d.UID != 0 {
			return c.UID*1000 + d.UID
		}
	}
	return 0
}

// attributes merges what a definition inherits, takes in and says itself.
func (s *Schema) attributes(d *definition, pool map[string]*definition) (map[string]attribute, map[string][]string, error) {
	out, limits := map[string]attribute{}, map[string][]string{}
	if parent := pool[d.Extends]; parent != nil {
		var err error
		if out, limits, err = s.attributes(parent, pool); err != nil {
			return nil, nil, err
		}
	}
	for k, v := range d.Constraints {
		limits[k] = v
	}
	var include []string
	if raw, ok := d.Attributes["$include"]; ok {
		if err := json.Unmarshal(raw, &include); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range include {
		var p definition
		if err := s.read(name, &p); err != nil {
			return nil, nil, err
		}
		for k, raw := range p.Attributes {
			if err := s.merge(out, k, raw, p.Name); err != nil {
				return nil, nil, err
			}
		}
	}
	for k, raw := range d.Attributes {
		if err := s.merge(out, k, raw, ""); err != nil {
			return nil, nil, err
		}
	}
	return out, limits, nil
}

func (s *Schema) merge(into map[string]attribute, name string, raw json.RawMessage, profile string) error {
	if name == "$include" {
		return nil
	}
	a, had := into[name]
	if !had {
		a = s.dictionary[name]
	}
	enum := a.Enum
	a.Enum = nil
	if profile != "" {
		a.Profile = profile
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(enum) > 0 || len(a.Enum) > 0 {
		all := map[string]json.RawMessage{}
		for k, v := range enum {
			all[k] = v
		}
		for k, v := range a.Enum {
			all[k] = v
		}
		a.Enum = all
	}
	into[name] = a
	return nil
}

// Check says what is wrong with an event, by the path of each attribute.
func (s *Schema) Check(line []byte) (problems []string) {
	var e map[string]any
	if err := json.Unmarshal(line, &e); err != nil {
		return []string{err.Error()}
	}
	uid, _ := e["class_uid"].(float64)
	d := s.classes[s.byUID[int(uid)]]
	if d == nil {
		return []string{fmt.Sprintf("class_uid: there is no class %v", e["class_uid"])}
	}
	c := &check{Schema: s}
	c.object("", e, d, s.classes)
	activity, _ := e["activity_id"].(float64)
	if e["type_uid"] != float64(int(uid)*100+int(activity)) {
		c.say("type_uid", "%v is not the class and the activity", e["type_uid"])
	}
	if e["category_uid"] != math.Floor(uid/1000) {
		c.say("category_uid", "%v is not the category of class %v", e["category_uid"], uid)
	}
	return c.problems
}

type check struct {
	*Schema
	problems []string
}

func (c *check) say(path, format string, args ...any) {
	c.problems = append(c.problems, path+": "+fmt.Sprintf(format, args...))
}

func (c *check) object(path string, o map[string]any, d *definition, pool map[string]*definition) {
	attrs, limits, err := c.attributes(d, pool)
	if err != nil {
		c.say(path, "%v", err)
		return
	}
	for name, a := range attrs {
		if _, there := o[name]; !there && a.Requirement == "required" && a.Profile == nil {
			c.say(path+name, "it is required")
		}
	}
	for name, value := range o {
		a, known := attrs[name]
		if !known {
			c.say(path+name, "%s has no such attribute", d.Name)
			continue
		}
		if path == "" && (name == "class_uid" || name == "category_uid") {
			a.Enum = nil // every class has its own; Check looks at them
		}
		c.value(path+name, value, a)
	}
	some := func(names []string) (n int) {
		for _, name := range names {
			if _, there := o[name]; there {
				n++
			}
		}
		return n
	}
	if names := limits["at_least_one"]; len(names) > 0 && some(names) == 0 {
		c.say(path, "at least one of %v is required", names)
	}
	if names := limits["just_one"]; len(names) > 0 && some(names) != 1 {
		c.say(path, "just one of %v is required", names)
	}
}

func (c *check) value(path string, v any, a attribute) {
	if a.IsArray {
		list, ok := v.([]any)
		if !ok {
			c.say(path, "it should be a list")
		}
		for i, one := range list {
			c.one(fmt.Sprintf("%s[%d]", path, i), one, a)
		}
		return
	}
	c.one(path, v, a)
}

func (c *check) one(path string, v any, a attribute) {
	if kind := cmp.Or(a.ObjectType, a.Type); c.objects[kind] != nil && c.types[kind].Type == "" {
		o, ok := v.(map[string]any)
		if !ok {
			c.say(path, "it should be an object")
			return
		}
		if kind != "object" {
			c.object(path+".", o, c.objects[kind], c.objects)
		}
		return
	}
	c.scalar(path, v, a)
	if len(a.Enum) > 0 {
		if _, legal := a.Enum[text(v)]; !legal {
			c.say(path, "%v is none of %v", v, keys(a.Enum))
		}
	}
}

func (c *check) scalar(path string, v any, a attribute) {
	kind := a.Type
	def := c.types[kind]
	base := cmp.Or(def.Type, kind)
	switch base {
	case "string_t":
		s, ok := v.(string)
		if !ok {
			c.say(path, "it should be a text")
			return
		}
		if def.MaxLen > 0 && len(s) > def.MaxLen {
			c.say(path, "it is longer than %d", def.MaxLen)
		}
		if def.Regex != "" && kind != "string_t" {
			if re, err := regexp.Compile(def.Regex); err == nil && !re.MatchString(s) {
				c.say(path, "%q is no %s", s, kind)
			}
		}
	case "integer_t", "long_t":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			c.say(path, "it should be a whole number")
		}
	case "boolean_t":
		if _, ok := v.(bool); !ok {
			c.say(path, "it should be true or false")
		}
	}
}

func text(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strings.TrimSpace(fmt.Sprint(v))
}

func keys(m map[string]json.RawMessage) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
