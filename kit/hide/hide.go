// SPDX-License-Identifier: Apache-2.0

// Package hide holds private facts: a driver's licence number, a birth date,
// a phone number. A hide.String cannot print itself into a log, an error, a
// dump, a page or JSON, wherever it is nested; reading it takes a visible
// Reveal.
package hide

import (
	"bytes"
	"crypto/subtle"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Mask stands wherever a hidden text would have been printed.
const Mask = "[hidden]"

// String is a hidden text. The zero String is empty.
//
// The text lives behind a func because reflection cannot look inside one:
// printing a struct with an unexported String shows an address at most, where
// a string or a pointer would show the text to fmt or to a dumper.
// Two Strings cannot be compared with == (use Equal), nor be map keys.
type String struct {
	reveal func() string
}

// New hides s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{reveal: func() string { return s }}
}

// Reveal gives the text back. Each call deserves a second look in review.
func (s String) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is nothing to hide.
func (s String) IsZero() bool { return s.reveal == nil }

// Equal reports whether both hide the same text, in a time that does not
// depend on where they differ.
func (s String) Equal(t String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// shown is all that anyone gets to see without Reveal.
func (s String) shown() string {
	if s.IsZero() {
		return ""
	}
	return Mask
}

// String shows the mask.
func (s String) String() string { return s.shown() }

// GoString shows the mask.
func (s String) GoString() string { return s.shown() }

// Format shows the mask for every verb.
func (s String) Format(f fmt.State, _ rune) { io.WriteString(f, s.shown()) }

// LogValue shows the mask to slog.
func (s String) LogValue() slog.Value { return slog.StringValue(s.shown()) }

// MarshalText shows the mask to text, XML and TOML encoders.
func (s String) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

// MarshalJSON shows the mask to JSON encoders.
func (s String) MarshalJSON() ([]byte, error) { return []byte(`"` + s.shown() + `"`), nil }

var errMask = errors.New("hide: the mask came back instead of the text; it was printed somewhere on its way")

// UnmarshalText hides what comes in. The mask itself is refused: a hidden text
// that travelled through an encoder has been lost, and must not look saved.
func (s *String) UnmarshalText(text []byte) error {
	if string(text) == Mask {
		return errMask
	}
	*s = New(string(text))
	return nil
}

// UnmarshalJSON hides a JSON string that comes in; null is empty.
func (s *String) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*s = String{}
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New("hide: not a JSON string") // the decoder's own error may quote the text
	}
	return s.UnmarshalText([]byte(text))
}

var errGob = errors.New("hide: a hidden text cannot be written with gob")

// GobEncode refuses.
func (s String) GobEncode() ([]byte, error) { return nil, errGob }

// GobDecode refuses.
func (s *String) GobDecode([]byte) error { return errGob }

// Value refuses to put a hidden text into a database in clear.
func (s String) Value() (driver.Value, error) {
	return nil, errors.New("hide: seal a hidden text before storing it, or Reveal it on purpose")
}

// Scan refuses to take a text from a database as if it had been stored in
// clear.
func (s *String) Scan(any) error {
	return errors.New("hide: open the sealed text and hide it with New")
}
