// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// address reads an address of any class. The XML has an element of the class
// inside the element of the address; JSON says the class in "@type".
func (r *reader) address(n *node, at string) *Address {
	class, body := classIn(n)
	if body == nil || empty(body) {
		return nil
	}
	a := &Address{Class: class}
	if class == "" {
		a.Class = guessClass(body)
		r.tellOnce(n.line, at, fmt.Sprintf("the address does not say of which class it is; it was taken for a %s", a.Class))
	}
	b := addressReader{r, a, classes[a.Class], at, false}
	for _, k := range inOrder(body.kids) {
		b.take(k)
	}
	b.settle(n.line)
	return a
}

// classIn finds the class of an address and the node with its parts.
func classIn(n *node) (string, *node) {
	if class := className(n.class); class != "" {
		return class, n
	}
	for _, k := range n.kids {
		if class := className(k.name); class != "" {
			return class, k
		}
	}
	return "", n
}

func className(s string) string {
	s = strings.TrimSuffix(s, "_type") + "_type"
	if _, ok := classes[s]; ok {
		return s
	}
	return ""
}

// stem cuts the number off a name: JSON numbers what XML has in order.
func stem(name string) (string, byte) {
	if i := len(name) - 1; i > 0 && name[i] >= '1' && name[i] <= '4' && name != "ZipPlus4" {
		return name[:i], name[i]
	}
	return name, 0
}

// inOrder puts numbered members into the order of their numbers.
func inOrder(kids []*node) []*node {
	if slices.ContainsFunc(kids, func(k *node) bool { _, n := stem(k.name); return n != 0 }) {
		slices.SortStableFunc(kids, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
	return kids
}

// guessClass tells a class by the parts of an address.
func guessClass(n *node) string {
	switch {
	case n.kid("CompleteStreetName") != nil && n.kid("CompleteAddressNumber") != nil:
		return NumberedStreet
	case n.kid("CompleteStreetName") != nil:
		return UnnumberedStreet
	case n.kid("USPSAddress") != nil:
		return RuralRoute
	case n.kid("USPSBox") != nil:
		return PostOfficeBox
	case n.kid("CompleteLandmarkName") != nil:
		return LandmarkPlace
	}
	return GeneralAddress
}

// addressReader takes the parts of one address.
type addressReader struct {
	*reader
	a    *Address
	is   classOf
	at   string // for messages
	past bool   // what follows the parts of the class has begun: street, number
}

func (b *addressReader) text(n *node, f *field) string {
	f.path = b.at + "." + n.name
	s, _ := b.scalar(n, nil, f, reflect.Value{})
	return s
}

func (b *addressReader) take(n *node) {
	name, numbered := stem(n.name)
	switch name {
	case "action":
		b.a.Action = b.text(n, &field{name: "action", codes: enumerations["Action"], list: "Action"})
	case "CompleteLandmarkName":
		fillOne(b, n, &b.a.Landmark, landmarkPlan)
	case "CompletePlaceName":
		b.place(n, numbered)
	case "CompleteAddressNumber":
		b.past = true
		fillMore(b, n, &b.a.Number, numberPlan)
	case "CompleteStreetName":
		b.past = true
		fillMore(b, n, &b.a.Street, streetPlan)
	case "SeparatorElement":
		b.a.Separator = append(b.a.Separator, b.text(n, &field{name: n.name, blank: true}))
	case "CompleteSubaddress":
		fillOne(b, n, &b.a.Subaddress, subPlan)
	case "USPSBox":
		fillOne(b, n, &b.a.Box, boxPlan)
	case "USPSAddress":
		fillOne(b, n, &b.a.Route, routePlan)
	default:
		b.line(n)
	}
}

// line takes a part of an address that is a text.
func (b *addressReader) line(n *node) {
	to := map[string]*string{
		"CornerOf": &b.a.CornerOf, "USPSGeneralDeliveryPoint": &b.a.DeliveryPoint, "GeneralAddress": &b.a.General,
		"StateName": &b.a.StateName, "ZipCode": &b.a.ZipCode, "ZipPlus4": &b.a.ZipPlus4, "CountryName": &b.a.CountryName,
	}[n.name]
	switch {
	case to != nil:
		if s := b.text(n, &field{name: n.name}); *to == "" {
			*to = s
		}
	case n.name == "PlaceStateZip":
		if s := b.text(n, &field{name: n.name}); s != "" {
			b.a.PlaceStateZip = append(b.a.PlaceStateZip, s)
		}
	default:
		b.attribute(n)
	}
}

// place takes the place, which may stand in front of a street in the stead of a
// landmark. XML tells the two apart by their order, JSON by a number.
func (b *addressReader) place(n *node, numbered byte) {
	front := b.is.split && (numbered == '1' || numbered == 0 && !b.past)
	if b.a.Class == CommunityAddress && numbered == 0 {
		front = b.a.Landmark == nil && b.a.LandmarkPlace == nil
	}
	switch {
	case front && b.a.LandmarkPlace == nil:
		fillOne(b, n, &b.a.LandmarkPlace, placePlan)
	case b.a.Place == nil:
		fillOne(b, n, &b.a.Place, placePlan)
	default:
		b.tellOnce(n.line, b.at, "a further place name was left aside")
	}
}

func (b *addressReader) attribute(n *node) {
	i := attributeIndex(n.name)
	if i < 0 {
		b.tellOnce(n.line, b.at+"."+short(n.name), "the standard knows no such element or member here; it was left aside")
		return
	}
	f := &field{name: n.name, format: addressAttributes[i].format}
	value := ""
	switch f.format {
	case "code":
		f.codes = enumerations[n.name]
		value = b.text(n, f)
	case "system":
		authority, id := n.kid("AddressCoordinateReferenceSystemAuthority"), n.kid("AddressCoordinateReferenceSystemID")
		if authority != nil && id != nil {
			value = b.text(authority, &field{}) + ":" + b.text(id, &field{format: "integer"})
		}
	default:
		value = b.text(n, f)
	}
	if value != "" {
		b.a.Attributes = append(b.a.Attributes, AddressAttribute{n.name, value})
	}
}

// settle puts right what can be: JSON samples number the only place 1 although
// it is the city; four digits behind the ZIP code.
func (b *addressReader) settle(line int) {
	a := b.a
	if a.Place == nil && a.LandmarkPlace != nil && a.Class != CommunityAddress && (a.StateName != "" || a.ZipCode != "") && len(a.PlaceStateZip) == 0 {
		a.Place, a.LandmarkPlace = a.LandmarkPlace, nil
	}
	if five, four, ok := strings.Cut(a.ZipCode, "-"); ok && a.ZipPlus4 == "" {
		a.ZipCode, a.ZipPlus4 = five, four
	}
	if len(a.ZipCode) == 9 && strings.Trim(a.ZipCode, digits) == "" && a.ZipPlus4 == "" {
		a.ZipCode, a.ZipPlus4 = a.ZipCode[:5], a.ZipCode[5:]
	}
	slices.SortStableFunc(a.Attributes, func(x, y AddressAttribute) int { return attributeIndex(x.Name) - attributeIndex(y.Name) })
	for _, p := range checkAddress(a, b.Spelling, b.at) {
		b.tellOnce(line, p.Field, p.Say)
	}
}

func fillOne[T any](b *addressReader, n *node, to **T, p *plan) {
	if *to != nil {
		b.tellOnce(n.line, b.at+"."+n.name, "it is given twice; the first one counts")
		return
	}
	if empty(n) {
		return
	}
	*to = new(T)
	b.fill(n, p, *to)
}

func fillMore[T any](b *addressReader, n *node, to *[]T, p *plan) {
	var one T
	b.fill(n, p, &one)
	*to = append(*to, one)
}
