// SPDX-License-Identifier: Apache-2.0

// Package fault gives an error three parts: a kind for the machine, a sentence
// for the person, and a cause for the operator.
//
//	fault.New(fault.NotFound, "no report %s", id)
//	fault.Wrap(fault.Invalid, err, "line %d: the file could not be read", n)
//	fault.On("birth_date", fault.New(fault.Invalid, "the birth date is in the future"))
//
// The format and its arguments are kept apart, so that kit/words can translate
// the format and put the same arguments in. What a status code is, only
// kit/web knows.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what the machine needs to know about an error.
type Kind string

// The kinds. An error that is not a fault is Internal.
const (
	Invalid     Kind = "invalid"     // what came in cannot be used; the sentence says what to change
	Denied      Kind = "denied"      // known, but not allowed
	SignIn      Kind = "sign-in"     // not signed in, or no longer
	NotFound    Kind = "not-found"   // there is no such thing
	Conflict    Kind = "conflict"    // someone else was quicker, or it exists already
	TooMany     Kind = "too-many"    // too often; later it will work
	TooLarge    Kind = "too-large"   // more than this door takes
	Unavailable Kind = "unavailable" // something we need is down; later it will work
	Gone        Kind = "gone"        // it was here and has been taken away for good
	Internal    Kind = "internal"    // our own mistake; the person gets no details
)

// Apology is the sentence that stands for every Internal fault, so that a
// cause (a path, a query, a key) never reaches a person.
const Apology = "Something went wrong on our side. It has been written down; please try again."

// Error is an error with a kind, a sentence and a cause. Say and Args are a
// fmt format and its arguments; Field names the form field or column that the
// sentence is about, if it is about one.
type Error struct {
	Kind  Kind
	Say   string
	Args  []any
	Field string
	Err   error
}

// New makes a fault without a cause.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Say: format, Args: args}
}

// Wrap makes a fault whose cause is err. It is an error even when err is nil,
// so call it only once something has failed.
func Wrap(kind Kind, err error, format string, args ...any) *Error {
	return &Error{Kind: kind, Say: format, Args: args, Err: err}
}

// On says which field err is about. The fault in err is copied, not changed;
// nil stays nil.
func On(field string, err error) error {
	if err == nil {
		return nil
	}
	var f *Error
	if !errors.As(err, &f) {
		return &Error{Kind: Internal, Field: field, Err: err}
	}
	named := *f
	named.Field = field
	return &named
}

// Error is for the operator: field, sentence and cause.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	said := e.said()
	if said == "" && e.Err == nil {
		said = string(e.Kind)
	}
	b.WriteString(said)
	if e.Err != nil {
		if said != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// said is the sentence with its arguments in place.
func (e *Error) said() string {
	if len(e.Args) == 0 {
		return e.Say
	}
	return fmt.Sprintf(e.Say, e.Args...)
}

// KindOf is the kind of the first fault in err: "" for nil, Internal for an
// error that holds no fault.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var f *Error
	if !errors.As(err, &f) {
		return Internal
	}
	if f.Kind != "" {
		return f.Kind
	}
	if f.Err != nil {
		return KindOf(f.Err)
	}
	return Internal
}

// Sentence is what a person is told. An Internal fault always gives Apology;
// a fault without a sentence gives that of its cause. Several joined faults
// give one line each.
func Sentence(err error) string {
	faults := All(err)
	if len(faults) == 0 {
		if err == nil {
			return ""
		}
		return Apology
	}
	lines := make([]string, 0, len(faults))
	for _, f := range faults {
		if line := sentence(f); len(lines) == 0 || lines[len(lines)-1] != line {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func sentence(f *Error) string {
	switch {
	case KindOf(f) == Internal:
		return Apology
	case f.Say != "":
		return f.said()
	case f.Err != nil:
		return Sentence(f.Err)
	}
	return plain[f.Kind]
}

// plain stands in where a fault has a kind but no sentence.
var plain = map[Kind]string{
	Invalid:     "This cannot be used as it is.",
	Denied:      "You are not allowed to do this.",
	SignIn:      "Please sign in first.",
	NotFound:    "There is no such record.",
	Conflict:    "Someone else has changed this in the meantime.",
	TooMany:     "Too many attempts. Please wait a moment.",
	TooLarge:    "This is larger than we can take.",
	Unavailable: "This is not available at the moment. Please try again later.",
	Gone:        "This is no longer here.",
}

// All lists the faults in err from left to right, one for each error that was
// joined: a form with three bad fields has three. It stops at the outermost
// fault of each branch.
func All(err error) []*Error {
	for err != nil {
		switch e := err.(type) {
		case *Error:
			return []*Error{e}
		case interface{ Unwrap() []error }:
			var all []*Error
			for _, one := range e.Unwrap() {
				all = append(all, All(one)...)
			}
			return all
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		default:
			return nil
		}
	}
	return nil
}
