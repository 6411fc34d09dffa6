// SPDX-License-Identifier: Apache-2.0

package geojson

import (
	"bytes"
	"encoding/json"
)

// The id and the properties of a feature look the same in GeoJSON and in
// TopoJSON, which borrows them from here.

// DecodeID reads an id, which may be a text or a number. Anything else is
// none.
func DecodeID(raw json.RawMessage) (id string, numeric bool) {
	var s string
	var n json.Number
	switch {
	case len(raw) == 0 || string(raw) == "null":
	case json.Unmarshal(raw, &s) == nil:
		return s, false
	case json.Unmarshal(raw, &n) == nil:
		return n.String(), true
	}
	return "", false
}

// EncodeID is the value to write for an id.
func EncodeID(id string, numeric bool) any {
	if numeric {
		return json.Number(id)
	}
	return id
}

// DecodeProperties reads properties with numbers as json.Number, and tells
// whether they are an object, null, or not there.
func DecodeProperties(raw json.RawMessage) (map[string]any, bool) {
	if len(raw) == 0 {
		return nil, true
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var properties map[string]any
	if d.Decode(&properties) != nil {
		return nil, false
	}
	return properties, true
}
