// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"math"
	"reflect"
	"slices"
	"strconv"
)

// Nearly all of a statewide report are its votes: 150,000 elements of one
// class. They are checked and written here field by field as the plan would,
// at a fifth of its cost; whatever is unusual about one goes the general way.

// votesPlan is the plan of the class that is treated so.
var votesPlan = planOf(reflect.TypeFor[VoteCounts]())

// votes are the elements of a field, if they are of the class.
func votes(f *field, v reflect.Value) ([]VoteCounts, bool) {
	if f.plan != votesPlan {
		return nil, false
	}
	list, ok := v.Interface().([]VoteCounts)
	return list, ok
}

var (
	votesUnit = votesPlan.byName["GpUnitId"]
	votesType = votesPlan.byName["Type"]
)

// good says of votes that no rule is broken by them. Those of which it does
// not are looked at again, to tell which.
func (c *checker) good(v *VoteCounts) bool {
	if c.byRead || v.DeviceClass != nil || v.OtherType != "" || !v.Count.Set || math.IsNaN(v.Count.Value) || math.IsInf(v.Count.Value, 0) {
		return false
	}
	to, ok := c.ids[v.GpUnitId]
	if !ok || !slices.Contains(votesUnit.refs, to.class) || !votesType.codes[string(v.Type)] {
		return false
	}
	if c.used != nil {
		c.used[v.GpUnitId] = true
	}
	return true
}

// votes writes votes as object would.
func (j *jsonWriter) votes(list []VoteCounts, depth int) {
	for i := range list {
		v := &list[i]
		if i > 0 {
			j.add(",")
		}
		j.newline(depth)
		if v.DeviceClass != nil || v.OtherType != "" || v.GpUnitId == "" || v.Type == "" {
			j.object(votesPlan, reflect.ValueOf(v).Elem(), depth)
			continue
		}
		j.add(`{"@type": "` + classPrefix + `VoteCounts", "GpUnitId": `)
		j.text(v.GpUnitId)
		if v.IsSuppressedForPrivacy.Set {
			j.add(`, "IsSuppressedForPrivacy": `)
			j.buf = strconv.AppendBool(j.buf, v.IsSuppressedForPrivacy.Value)
		}
		if v.Round.Set {
			j.add(`, "Round": `)
			j.buf = strconv.AppendInt(j.buf, v.Round.Value, 10)
		}
		j.add(`, "Type": `)
		j.text(string(v.Type))
		if v.Count.Set {
			j.add(`, "Count": `)
			j.addNumber(v.Count.Value)
		}
		j.add("}")
		j.flushed()
	}
}

// votes writes votes as element would.
func (x *xmlWriter) votes(name string, list []VoteCounts, depth int) {
	for i := range list {
		v := &list[i]
		x.newline(depth)
		if v.DeviceClass != nil || v.OtherType != "" || v.GpUnitId == "" || v.Type == "" {
			x.element(name, votesPlan, reflect.ValueOf(v).Elem(), depth)
			continue
		}
		x.open(name)
		x.leaf("GpUnitId", v.GpUnitId)
		if v.IsSuppressedForPrivacy.Set {
			x.leaf("IsSuppressedForPrivacy", strconv.FormatBool(v.IsSuppressedForPrivacy.Value))
		}
		if v.Round.Set {
			x.leaf("Round", strconv.FormatInt(v.Round.Value, 10))
		}
		x.leaf("Type", string(v.Type))
		if v.Count.Set {
			x.open("Count")
			x.addNumber(v.Count.Value)
			x.close("Count")
		}
		x.close(name)
		x.flushed()
	}
}
