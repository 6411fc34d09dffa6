// SPDX-License-Identifier: Apache-2.0

package eel

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Limits of what is read.
const (
	maxBytes    = 64 << 20
	maxDepth    = 16
	maxProblems = 1000
)

// Read reads a log in either form. What does not fit the format is listed; what
// fits is in the log. The error is for what is no event log at all.
func Read(from io.Reader) (l Log, problems []Problem, err error) {
	body, err := io.ReadAll(io.LimitReader(from, maxBytes+1))
	if err != nil {
		return l, nil, err
	}
	if len(body) > maxBytes {
		return l, nil, fmt.Errorf("the event log is larger than %d bytes", maxBytes)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	r := &reader{}
	switch {
	case len(body) == 0:
		return l, nil, errors.New("the event log is empty")
	case body[0] == '{':
		l, err = r.json(body)
	case body[0] == '<':
		l, err = r.xml(body)
	default:
		return l, nil, errors.New("this is no event log: it begins neither as XML nor as JSON")
	}
	if err != nil {
		return l, nil, err
	}
	for _, p := range l.Check() {
		r.add(p.Path, "%s", p.Why)
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	return l, slices.Compact(r.problems), nil
}

// reader notes what does not fit.
type reader struct{ problems []Problem }

func (r *reader) add(path, format string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{path, fmt.Sprintf(format, args...)})
	}
}

// value sets one field of a log from its text.
type value func(text string)

// node is where reading stands: an object whose fields have names.
type node struct {
	texts map[string]value
	lists map[string]func() node // each item of a list
	kind  string                 // the "@type" in JSON
}

func (r *reader) logNode(l *Log) node {
	devices := 0
	return node{
		kind: "EventLogging.ElectionEventLog",
		texts: map[string]value{"Details": set(&l.Details), "ElectionId": set(&l.ElectionID),
			"GeneratedTime": r.time(&l.Generated, "GeneratedTime")},
		lists: map[string]func() node{"Device": func() node {
			devices++
			l.Devices = append(l.Devices, Device{})
			return r.deviceNode(&l.Devices[devices-1], fmt.Sprintf("Device[%d]", devices-1))
		}},
	}
}

func (r *reader) deviceNode(d *Device, path string) node {
	return node{
		kind: "EventLogging.Device",
		texts: map[string]value{"Details": set(&d.Details), "HashType": set(&d.HashType), "OtherHashType": set(&d.OtherHashType), "Id": set(&d.ID),
			"Manufacturer": set(&d.Manufacturer), "Model": set(&d.Model), "Type": set(&d.Type), "OtherType": set(&d.OtherType), "Version": set(&d.Version)},
		lists: map[string]func() node{"Event": func() node {
			d.Events = append(d.Events, Event{})
			return r.eventNode(&d.Events[len(d.Events)-1], fmt.Sprintf("%s.Event[%d]", path, len(d.Events)-1))
		}},
	}
}

func (r *reader) eventNode(e *Event, path string) node {
	return node{
		kind: "EventLogging.Event",
		texts: map[string]value{"Description": set(&e.Description), "Details": set(&e.Details), "Disposition": set(&e.Disposition),
			"OtherDisposition": set(&e.OtherDisposition), "Hash": set(&e.Hash), "Id": set(&e.ID), "Sequence": set(&e.Sequence),
			"Severity": set(&e.Severity), "TimeStamp": r.time(&e.At, path+".TimeStamp"), "Type": set(&e.Type), "UserId": set(&e.UserID)},
	}
}

func set(to *string) value { return func(text string) { *to = text } }

func (r *reader) time(to *time.Time, path string) value {
	return func(text string) {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} { // XML allows a time without its zone
			if at, err := time.Parse(layout, text); err == nil {
				*to = at
				return
			}
		}
		r.add(path, "%.80q is no time", text)
	}
}

// json walks through the tokens of a document.
func (r *reader) json(body []byte) (l Log, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if _, err := dec.Token(); err != nil {
		return l, fmt.Errorf("the event log cannot be read: %w", err)
	}
	if err := r.object(dec, r.logNode(&l), "", 1); err != nil {
		return l, fmt.Errorf("the event log cannot be read at byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return l, errors.New("the event log cannot be read: something follows its end")
	}
	return l, nil
}

// object reads the members of an object whose brace has been read.
func (r *reader) object(dec *json.Decoder, n node, path string, deep int) error {
	seenKind := false
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		at := join(path, name)
		switch {
		case name == "@type":
			seenKind = true
			err = r.scalar(dec, at, func(text string) {
				if text != n.kind {
					r.add(at, "it is %.80q, not %q", text, n.kind)
				}
			}, deep)
		case n.texts[name] != nil:
			err = r.scalar(dec, at, n.texts[name], deep)
		case n.lists[name] != nil:
			err = r.list(dec, n.lists[name], at, deep)
		default:
			r.add(at, "there is no such field")
			err = skip(dec, deep)
		}
		if err != nil {
			return err
		}
	}
	if !seenKind {
		r.add(join(path, "@type"), "it is missing; it should be %q", n.kind)
	}
	_, err := dec.Token() // the closing brace
	return err
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *reader) scalar(dec *json.Decoder, path string, to value, deep int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case string:
		to(t)
	case json.Delim:
		r.add(path, "it should be a text")
		return skipRest(dec, t, deep)
	case nil:
		r.add(path, "it is null; leave it out instead")
	default:
		r.add(path, "it should be a text, in quotes")
		to(fmt.Sprint(t)) // a number that somebody forgot to quote is still of use
	}
	return nil
}

func (r *reader) list(dec *json.Decoder, item func() node, path string, deep int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if d, ok := t.(json.Delim); !ok || d != '[' {
		r.add(path, "it should be a list")
		if ok {
			return skipRest(dec, d, deep)
		}
		return nil
	}
	for i := 0; dec.More(); i++ {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		d, ok := t.(json.Delim)
		if !ok || d != '{' {
			r.add(at, "it should be an object")
			if ok {
				err = skipRest(dec, d, deep)
			}
		} else {
			err = r.object(dec, item(), at, deep+1)
		}
		if err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// skip passes over a value.
func skip(dec *json.Decoder, deep int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if d, ok := t.(json.Delim); ok {
		return skipRest(dec, d, deep)
	}
	return nil
}

func skipRest(dec *json.Decoder, open json.Delim, deep int) error {
	if open != '{' && open != '[' {
		return nil
	}
	if deep > maxDepth {
		return fmt.Errorf("it is nested deeper than %d", maxDepth)
	}
	for dec.More() {
		if open == '{' {
			if _, err := dec.Token(); err != nil {
				return err
			}
		}
		if err := skip(dec, deep+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// xml walks through the elements of a document.
func (r *reader) xml(body []byte) (l Log, err error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		t, err := dec.Token()
		if err != nil {
			return l, fmt.Errorf("the event log cannot be read: %w", err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != "ElectionEventLog" {
			return l, fmt.Errorf("this is no event log: its root is %.80q, not ElectionEventLog", start.Name.Local)
		}
		if start.Name.Space != Namespace {
			r.add("ElectionEventLog", "its namespace is %.80q, not %q", start.Name.Space, Namespace)
		}
		if err := r.elements(dec, r.logNode(&l), ""); err != nil {
			line, column := dec.InputPos()
			return l, fmt.Errorf("the event log cannot be read at line %d, column %d: %w", line, column, err)
		}
		return l, nil
	}
}

// elements reads what is inside an element, up to its end.
func (r *reader) elements(dec *xml.Decoder, n node, path string) error {
	items := map[string]int{}
	for {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			name := t.Name.Local
			at := join(path, name)
			switch {
			case n.lists[name] != nil:
				at = fmt.Sprintf("%s[%d]", at, items[name])
				items[name]++
				err = r.elements(dec, n.lists[name](), at)
			case n.texts[name] != nil:
				var text string
				if err = dec.DecodeElement(&text, &t); err == nil {
					n.texts[name](text)
				}
			default:
				r.add(at, "there is no such field")
				err = dec.Skip()
			}
			if err != nil {
				return err
			}
		}
	}
}
