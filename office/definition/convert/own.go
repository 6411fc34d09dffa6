// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
)

// readOwn reads a definition as this house writes it. ok says whether it is one.
func readOwn(body []byte) (def *election.Definition, n *notes, ok bool, err error) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return nil, nil, false, nil
	}
	var head struct {
		Election *struct {
			ID *string `json:"id"`
		} `json:"election"`
	}
	if json.Unmarshal(body, &head) != nil || head.Election == nil || head.Election.ID == nil {
		return nil, nil, false, nil
	}
	if size := memoryOf(body); size > mostMemory {
		return nil, nil, true, fault.New(fault.TooLarge,
			"The definition would take %d MiB of memory, and the most is %d MiB. Look at it for repetition, or split the election.", size>>20, mostMemory>>20)
	}
	n = &notes{}
	def, err = decodeOwn(body, true)
	var unknown *unknownField
	if errors.As(err, &unknown) {
		n.say(Warn, "unknown_field", "", "why", unknown.Error())
		def, err = decodeOwn(body, false)
	}
	if err != nil {
		return nil, nil, true, fault.Wrap(fault.Invalid, err, "The definition could not be read: %s", err.Error())
	}
	return def, n, true, nil
}

// decodeOwn decodes a definition element by element, so that no more than the
// largest of them lies in memory twice.
func decodeOwn(body []byte, strict bool) (*election.Definition, error) {
	def := &election.Definition{}
	o := &ownReader{Decoder: json.NewDecoder(bytes.NewReader(body)), strict: strict}
	if strict {
		o.DisallowUnknownFields()
	}
	if _, err := o.Token(); err != nil { // the brace
		return nil, err
	}
	for o.More() {
		key, err := o.Token()
		if err != nil {
			return nil, err
		}
		o.at, _ = key.(string)
		if err := o.member(def); err != nil {
			return nil, o.explain(err)
		}
	}
	_, err := o.Token()
	return def, err
}

// ownReader knows which part of the definition it is in.
type ownReader struct {
	*json.Decoder
	strict bool
	at     string // such as contests
	i      int    // position in it
	inList bool
}

// member decodes one member of the definition.
func (o *ownReader) member(def *election.Definition) error {
	o.inList = false
	switch strings.ToLower(o.at) {
	case "election":
		return o.Decode(&def.Election)
	case "parties":
		return list(o, &def.Parties)
	case "units":
		return list(o, &def.Units)
	case "districts":
		return list(o, &def.Districts)
	case "contests":
		return list(o, &def.Contests)
	case "styles":
		return list(o, &def.Styles)
	case "places":
		return list(o, &def.Places)
	case "votetypes":
		return list(o, &def.VoteTypes)
	case "shapes":
		return list(o, &def.Shapes)
	case "derived":
		return o.Decode(&def.Derived)
	}
	if o.strict {
		return &unknownField{o.at}
	}
	var skipped json.RawMessage
	return o.Decode(&skipped)
}

// list decodes the elements of a list one after the other.
func list[T any](o *ownReader, into *[]T) error {
	open, err := o.Token()
	if err != nil || open == nil { // null is an empty list
		return err
	}
	if open != json.Delim('[') {
		return fmt.Errorf("%s must be a list", o.at)
	}
	o.inList, *into = true, nil
	for o.i = 0; o.More(); o.i++ {
		var v T
		if err := o.Decode(&v); err != nil {
			return err
		}
		*into = append(*into, v)
	}
	_, err = o.Token()
	return err
}

// unknownField is a field that this version does not know.
type unknownField struct{ name string }

func (u *unknownField) Error() string { return fmt.Sprintf("unknown field %q", u.name) }

// explain says where in the definition something is wrong, in words of the file
// and not of the program.
func (o *ownReader) explain(err error) error {
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typ):
		return fmt.Errorf("%s holds %s where %s belongs", o.place(typ.Field), foundThere(typ.Value), kindOf(typ.Type))
	case strings.HasPrefix(err.Error(), unknownPrefix):
		return &unknownField{strings.Trim(strings.TrimPrefix(err.Error(), unknownPrefix), `"`)}
	}
	return err
}

// unknownPrefix begins what encoding/json says of a field that is not known; it
// has no type for it.
const unknownPrefix = "json: unknown field "

// place is a path into the definition, such as contests[3].choices.name.
func (o *ownReader) place(field string) string {
	p := o.at
	if o.inList {
		p = fmt.Sprintf("%s[%d]", p, o.i)
	}
	if field != "" {
		p += "." + field
	}
	return p
}

// foundThere names what stands in the file, from the words of encoding/json.
func foundThere(value string) string {
	switch value {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a " + value // number, or number 1.5
}

// kindOf names a type for whoever wrote the file.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "an object"
}

// mostMemory is what a definition may take in memory. The largest states, with
// every boundary drawn finely, need half of it.
const mostMemory = 640 << 20

// memoryOf estimates what JSON will take in memory from what it consists of: a
// file of small objects takes ten times its own size. It is called on valid JSON.
func memoryOf(body []byte) int64 {
	var n int64
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			from := i
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
			if i+1 < len(body) && body[i+1] != ':' { // a key is not kept
				n += 24 + int64(i-from)
			}
		case '{':
			n += 320
		case '[':
			n += 24
		case ',':
			n += 8
		}
	}
	return n
}

// writeOwn writes a definition as JSON, with nothing left out.
func writeOwn(w io.Writer, def *election.Definition) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(def)
}
