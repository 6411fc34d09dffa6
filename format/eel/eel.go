// SPDX-License-Identifier: Apache-2.0

// Package eel reads and writes election event logs: NIST SP 1500-101 (Election
// Event Logging Common Data Format, version 1), in XML and in JSON. It knows
// nothing of Hustings.
//
// Reading is lenient and says what does not fit; writing refuses what the
// schema would.
package eel

import (
	"encoding/xml"
	"fmt"
	"slices"
	"time"
)

// Log is the root: what one or more devices have logged.
type Log struct {
	Details    string
	Devices    []Device
	ElectionID string
	Generated  time.Time
}

// Device is what generated events.
type Device struct {
	Details       string
	Events        []Event
	HashType      string // of the events' hashes: one of HashTypes
	OtherHashType string
	ID            string
	Manufacturer  string
	Model         string
	Type          string // one of DeviceTypes
	OtherType     string
	Version       string
}

// Event is one logged event.
type Event struct {
	Description      string
	Details          string
	Disposition      string // one of Dispositions
	OtherDisposition string
	Hash             string
	ID               string
	Sequence         string
	Severity         string
	At               time.Time
	Type             string
	UserID           string
}

// The dispositions of an event.
const (
	Success = "success"
	Failure = "failure"
	NA      = "na"
	Other   = "other"
)

// Dispositions lists what a disposition may be.
var Dispositions = []string{Failure, NA, Other, Success}

// HashTypes lists what a type of hash may be.
var HashTypes = []string{"md6", Other, "sha-256", "sha-512"}

// DeviceTypes lists what a type of device may be.
var DeviceTypes = []string{
	"adjudication", "ballot-activation", "ballot-printing", "blank-ballot-printing", "bmd", "dre", "dre-controller",
	"electronic-cast", "electronic-cast-paper", "electronic-poll-book", "ems", Other, "scan-batch", "scan-single",
	"transmission-receiving", "transmission-sending",
}

// Namespace is that of the XML form.
const Namespace = "http://itl.nist.gov/ns/voting/1500-101/v1"

// Problem is something that does not fit the format.
type Problem struct {
	Path string // such as Device[0].Event[3].Disposition
	Why  string
}

// String says where and why.
func (p Problem) String() string { return p.Path + ": " + p.Why }

// check says what the schema would refuse about an event.
func (e *Event) check(path string) (list []Problem) {
	if !slices.Contains(Dispositions, e.Disposition) {
		list = append(list, Problem{path + ".Disposition", fmt.Sprintf("%q is none of %v", e.Disposition, Dispositions)})
	}
	if e.Disposition == Other && e.OtherDisposition == "" {
		list = append(list, Problem{path + ".OtherDisposition", "the disposition is other, and nothing says which"})
	}
	for _, f := range []struct{ name, value string }{{"Id", e.ID}, {"Sequence", e.Sequence}, {"Type", e.Type}} {
		if f.value == "" {
			list = append(list, Problem{path + "." + f.name, "it is missing"})
		}
	}
	if e.At.IsZero() {
		list = append(list, Problem{path + ".TimeStamp", "it is missing"})
	}
	return list
}

// check says what the schema would refuse about a device, its events apart.
func (d *Device) check(path string) (list []Problem) {
	if d.ID == "" {
		list = append(list, Problem{path + ".Id", "it is missing"})
	}
	for _, f := range []struct {
		name, value, other string
		allowed            []string
	}{{"Type", d.Type, d.OtherType, DeviceTypes}, {"HashType", d.HashType, d.OtherHashType, HashTypes}} {
		switch {
		case f.value != "" && !slices.Contains(f.allowed, f.value):
			list = append(list, Problem{path + "." + f.name, fmt.Sprintf("%q is none of %v", f.value, f.allowed)})
		case f.value == Other && f.other == "":
			list = append(list, Problem{path + ".Other" + f.name, "the type is other, and nothing says which"})
		}
	}
	return list
}

// Check says what the schema would refuse.
func (l *Log) Check() (list []Problem) {
	if l.Generated.IsZero() {
		list = append(list, Problem{"GeneratedTime", "it is missing"})
	}
	for i := range l.Devices {
		d := &l.Devices[i]
		path := fmt.Sprintf("Device[%d]", i)
		list = append(list, d.check(path)...)
		for k := range d.Events {
			list = append(list, d.Events[k].check(fmt.Sprintf("%s.Event[%d]", path, k))...)
		}
	}
	return list
}

// timeText is how times are written: RFC 3339 in UTC, to the microsecond.
const timeText = "2006-01-02T15:04:05.999999Z07:00"

// xmlEvent is an event in the order of the XML schema.
type xmlEvent struct {
	XMLName          xml.Name `xml:"Event"`
	Description      string   `xml:"Description,omitempty"`
	Details          string   `xml:"Details,omitempty"`
	Disposition      string   `xml:"Disposition"`
	OtherDisposition string   `xml:"OtherDisposition,omitempty"`
	Hash             string   `xml:"Hash,omitempty"`
	ID               string   `xml:"Id"`
	Sequence         string   `xml:"Sequence"`
	Severity         string   `xml:"Severity,omitempty"`
	TimeStamp        string   `xml:"TimeStamp"`
	Type             string   `xml:"Type"`
	UserID           string   `xml:"UserId,omitempty"`
}

// jsonEvent is an event in JSON.
type jsonEvent struct {
	Kind             string `json:"@type"`
	ID               string `json:"Id"`
	Sequence         string `json:"Sequence"`
	TimeStamp        string `json:"TimeStamp"`
	Type             string `json:"Type"`
	Disposition      string `json:"Disposition"`
	OtherDisposition string `json:"OtherDisposition,omitempty"`
	Description      string `json:"Description,omitempty"`
	Details          string `json:"Details,omitempty"`
	Severity         string `json:"Severity,omitempty"`
	UserID           string `json:"UserId,omitempty"`
	Hash             string `json:"Hash,omitempty"`
}

func (e *Event) xml() xmlEvent {
	return xmlEvent{Description: e.Description, Details: e.Details, Disposition: e.Disposition, OtherDisposition: e.OtherDisposition,
		Hash: e.Hash, ID: e.ID, Sequence: e.Sequence, Severity: e.Severity, TimeStamp: e.At.UTC().Format(timeText), Type: e.Type, UserID: e.UserID}
}

func (e *Event) json() jsonEvent {
	return jsonEvent{Kind: "EventLogging.Event", ID: e.ID, Sequence: e.Sequence, TimeStamp: e.At.UTC().Format(timeText), Type: e.Type,
		Disposition: e.Disposition, OtherDisposition: e.OtherDisposition, Description: e.Description, Details: e.Details,
		Severity: e.Severity, UserID: e.UserID, Hash: e.Hash}
}
