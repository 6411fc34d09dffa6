// SPDX-License-Identifier: Apache-2.0

package eel

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Form is one of the two forms of a log.
type Form string

// The forms.
const (
	XML  Form = "xml"
	JSON Form = "json"
)

// Writer writes a log piece by piece, so that it may be of any length.
//
//	w := eel.NewWriter(out, eel.XML)
//	err := w.Begin(eel.Log{ElectionID: "2026-11-03", Generated: now})
//	err = w.Device(eel.Device{ID: "EMS-1", Type: "ems"})
//	err = w.Event(eel.Event{...})
//	err = w.End()
//
// What the schema would refuse is refused before anything of it is written.
type Writer struct {
	out    *bufio.Writer
	form   Form
	log    Log
	device *Device // the open one
	count  int     // devices so far
	events int     // of the open device
	err    error
}

// NewWriter writes to out.
func NewWriter(out io.Writer, form Form) *Writer {
	return &Writer{out: bufio.NewWriterSize(out, 64<<10), form: form}
}

// Write writes a whole log.
func Write(out io.Writer, form Form, l Log) error {
	w := NewWriter(out, form)
	err := w.Begin(l)
	for i := 0; i < len(l.Devices) && err == nil; i++ {
		err = w.Device(l.Devices[i])
	}
	if err != nil {
		return err
	}
	return w.End()
}

// refuse stops at problems.
func (w *Writer) refuse(list []Problem) error {
	if w.err == nil && len(list) > 0 {
		w.err = fmt.Errorf("the event log cannot be written: %s", list[0])
	}
	return w.err
}

func (w *Writer) text(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// Begin writes the head of the log. Its Devices are not written.
func (w *Writer) Begin(l Log) error {
	if w.form != XML && w.form != JSON {
		w.err = fmt.Errorf("there is no form %q of an event log; choose xml or json", w.form)
	}
	if err := w.refuse((&Log{Generated: l.Generated}).Check()); err != nil {
		return err
	}
	w.log = l
	if w.form == XML {
		w.text("%s<ElectionEventLog xmlns=%q>\n", xml.Header, Namespace)
		w.element(1, "Details", l.Details)
		return w.err
	}
	w.text("{\n \"@type\": \"EventLogging.ElectionEventLog\",\n \"GeneratedTime\": %s", quoted(l.Generated.UTC().Format(timeText)))
	w.member(1, "ElectionId", l.ElectionID)
	w.member(1, "Details", l.Details)
	w.text(",\n \"Device\": [")
	return w.err
}

// element writes an XML element unless it is empty.
func (w *Writer) element(deep int, name, value string) {
	if value != "" {
		w.text("%s<%s>%s</%s>\n", strings.Repeat(" ", deep), name, escaped(value), name)
	}
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// member writes a JSON member behind another unless it is empty.
func (w *Writer) member(deep int, name, value string) {
	if value != "" {
		w.text(",\n%s%s: %s", strings.Repeat(" ", deep), quoted(name), quoted(value))
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(strings.ToValidUTF8(s, "\uFFFD")) // a string can always be written
	return string(b)
}

// Device ends the device before, if any, and begins another with the events
// that it has already.
func (w *Writer) Device(d Device) error {
	if err := w.refuse(d.check(fmt.Sprintf("Device[%d]", w.count))); err != nil {
		return err
	}
	w.endDevice()
	w.device, w.events = &d, 0
	if w.form == XML {
		w.text(" <Device>\n")
		w.element(2, "Details", d.Details)
	} else {
		if w.count > 0 {
			w.text(",")
		}
		w.text("\n  {\n   \"@type\": \"EventLogging.Device\",\n   \"Id\": %s", quoted(d.ID))
		for _, m := range [][2]string{{"Type", d.Type}, {"OtherType", d.OtherType}, {"Manufacturer", d.Manufacturer}, {"Model", d.Model},
			{"Version", d.Version}, {"HashType", d.HashType}, {"OtherHashType", d.OtherHashType}, {"Details", d.Details}} {
			w.member(3, m[0], m[1])
		}
		w.text(",\n   \"Event\": [")
	}
	w.count++
	for _, e := range d.Events {
		if err := w.Event(e); err != nil {
			return err
		}
	}
	return w.err
}

// Event writes an event of the open device.
func (w *Writer) Event(e Event) error {
	if w.device == nil {
		return errors.Join(w.err, errors.New("the event log cannot be written: an event comes before its device"))
	}
	if err := w.refuse(e.check(fmt.Sprintf("Device[%d].Event[%d]", w.count-1, w.events))); err != nil {
		return err
	}
	var body []byte
	if w.form == XML {
		body, w.err = xml.Marshal(e.xml())
		w.text("  %s\n", body)
	} else {
		if w.events > 0 {
			w.text(",")
		}
		body, w.err = json.Marshal(e.json())
		w.text("\n    %s", body)
	}
	w.events++
	return w.err
}

func (w *Writer) endDevice() {
	if w.device == nil {
		return
	}
	d := w.device
	w.device = nil
	if w.form == JSON {
		w.text("\n   ]\n  }")
		return
	}
	for _, m := range [][2]string{{"HashType", d.HashType}, {"OtherHashType", d.OtherHashType}, {"Id", d.ID}, {"Manufacturer", d.Manufacturer},
		{"Model", d.Model}, {"Type", d.Type}, {"OtherType", d.OtherType}, {"Version", d.Version}} {
		w.element(2, m[0], m[1])
	}
	w.text(" </Device>\n")
}

// End ends the log.
func (w *Writer) End() error {
	w.endDevice()
	if w.form == XML {
		w.element(1, "ElectionId", w.log.ElectionID)
		w.text(" <GeneratedTime>%s</GeneratedTime>\n</ElectionEventLog>\n", w.log.Generated.UTC().Format(timeText))
	} else {
		w.text("\n ]\n}\n")
	}
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}
