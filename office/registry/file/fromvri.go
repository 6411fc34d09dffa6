// SPDX-License-Identifier: Apache-2.0

package file

import (
	"bufio"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/vri"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// vri reads requests and records of Voter Records Interchange.
func (rd *reader) vri(name string, in *bufio.Reader) error {
	lim := rd.lim
	lim.Cell, lim.Line = longest*16, 1<<20
	src, err := vri.Each(name, in, lim, func(m vri.Message) error {
		rd.record = Record{Line: m.Line}
		r := &rd.record
		switch {
		case m.Request != nil:
			rd.request(m.Request)
		case m.Record != nil:
			rd.fromRecord(m.Record)
		case m.Results != nil:
			return nil // its records are handed over already
		default:
			rd.Troubles = append(rd.Troubles, Trouble{Line: m.Line, What: "the message is an answer to a request (" + nameOf(m) + ") and holds no voter", Remedy: "it was left aside"})
			return nil
		}
		if r.Voter.Name == (roll.Name{}) {
			rd.Troubles = append(rd.Troubles, Trouble{Line: m.Line, Field: "Name", What: "the voter has no name", Remedy: "it can be looked up by its number only"})
		}
		rd.Records++
		return rd.do(r)
	})
	rd.Kind, rd.Encoding = VRIJSON, src.Encoding
	if src.Spelling == vri.XML {
		rd.Kind = VRIXML
	}
	rd.take(src.Problems)
	return err
}

func nameOf(m vri.Message) string {
	switch {
	case m.Acknowledgement != nil:
		return "RequestAcknowledgement"
	case m.Success != nil:
		return "RequestSuccess"
	}
	return "RequestRejection"
}

// request takes over a request.
func (rd *reader) request(q *vri.VoterRecordsRequest) {
	r := &rd.record
	r.Asks, r.Transaction, r.Request = q.Type, q.TransactionId, q
	r.Voter.Source = roll.Source(q.RequestMethod)
	if q.SelectedLanguage != "" {
		r.Voter.Langs = []string{q.SelectedLanguage}
	}
	if q.Subject != nil {
		rd.voter(q.Subject)
	}
	if b := q.BallotRequest; b != nil {
		r.Voter.Wishes = []roll.Wish{wish(b)}
		if b.MailForwardingAddress != nil {
			rd.drop("BallotRequest.MailForwardingAddress", 1)
		}
	}
	rd.drop("AdditionalInfo", len(q.AdditionalInfo))
	rd.drop("RequestHelper", len(q.RequestHelper))
	for what, there := range map[string]bool{"RequestProxy": q.RequestProxy != nil, "Form": q.Form != "", "GeneratedDate": q.GeneratedDate != "",
		"Issuer": q.Issuer != "", "VendorApplicationId": q.VendorApplicationId != ""} {
		if there {
			rd.drop(what, 1)
		}
	}
}

func wish(b *vri.BallotRequest) roll.Wish {
	w := roll.Wish{How: b.BallotReceiptPreference, Permanent: b.Kind == "PermanentBallotRequest", From: election.Date(b.StartDate), Until: election.Date(b.EndDate)}
	if b.Election != nil {
		w.From, w.Until = election.Date(b.Election.StartDate), election.Date(cmp.Or(b.Election.EndDate, b.Election.StartDate))
		w.Election = election.ID(b.Election.Name)
	}
	return w
}

// fromRecord takes over a record of the roll.
func (rd *reader) fromRecord(rec *vri.VoterRecord) {
	v := &rd.record.Voter
	if rec.Voter != nil {
		rd.voter(rec.Voter)
	}
	switch rec.VoterStatus {
	case "active":
		v.State = roll.Active
	case "inactive":
		v.State = roll.Inactive
	case "other":
		v.State = stateFor(rec.OtherStatus)
	}
	v.NeedsID = rec.HavaIdRequired != nil && *rec.HavaIdRequired
	for _, u := range slices.Concat(rec.Locality, rec.District) {
		rd.unit(u)
	}
	rd.drop("VoterParticipation", len(rec.VoterParticipation))
	if rec.PollingLocation != nil {
		rd.drop("PollingLocation", 1)
	}
	if rec.ElectionAdministration != nil {
		rd.drop("ElectionAdministration", 1)
	}
}

func (rd *reader) unit(u vri.ReportingUnit) {
	v := &rd.record.Voter
	kind := u.Type
	if kind == "other" && u.OtherType != "" {
		kind = u.OtherType
	}
	switch {
	case u.Name == "":
	case kind == "precinct" || kind == "split-precinct" || kind == "combined-precinct":
		v.Precinct = election.UnitID(u.Name)
	case kind == "county":
		v.County = u.Name
	default:
		v.Districts = append(v.Districts, election.DistrictID(kind+":"+u.Name))
	}
	if u.Location != nil {
		rd.drop("ReportingUnit.Location", 1)
	}
}

// voter takes over a person.
func (rd *reader) voter(p *vri.Voter) {
	v := &rd.record.Voter
	v.Birth, v.Gender, v.Ethnic = election.Date(p.DateOfBirth), p.Gender, p.Ethnicity
	if p.Name != nil {
		v.Name = nameFrom(p.Name)
	}
	if p.PreviousName != nil {
		v.Former = []roll.Name{nameFrom(p.PreviousName)}
	}
	if p.Party != nil {
		v.Party = election.PartyID(cmp.Or(p.Party.Abbreviation, p.Party.Name))
	}
	if p.ResidenceAddress != nil {
		v.Home = rd.address(p.ResidenceAddress)
	}
	if p.MailingAddress != nil {
		mail := rd.address(p.MailingAddress)
		v.Mail = &mail
	}
	for _, c := range p.ContactMethod {
		v.Contact = append(v.Contact, roll.Contact{Kind: contactKind(c), Value: c.Value, Texts: slices.Contains(c.Capability, "sms")})
	}
	for _, id := range p.VoterId {
		rd.identifier(id)
	}
	for _, c := range p.VoterClassification {
		a := roll.Assertion{Kind: c.Type, Value: c.Assertion}
		if c.Type == "other" && c.OtherType != "" {
			a.Kind = c.OtherType
		}
		v.Assertions = append(v.Assertions, a)
		if c.Type == "protected-voter" && c.Assertion == "yes" {
			v.Protected = "protected-voter"
		}
	}
	for what, there := range map[string]bool{"PreviousResidenceAddress": p.PreviousResidenceAddress != nil, "Signature": p.Signature != nil, "PreviousSignature": p.PreviousSignature != nil} {
		if there {
			rd.drop(what, 1)
		}
	}
}

func contactKind(c vri.ContactMethod) string {
	if c.Type == "phone" && slices.Contains(c.Capability, "fax") && !slices.Contains(c.Capability, "voice") {
		return "fax"
	}
	return c.Type
}

func nameFrom(n *vri.Name) roll.Name {
	return roll.Name{Prefix: n.Prefix, First: n.FirstName, Middle: strings.Join(n.MiddleName, " "), Last: n.LastName, Suffix: n.Suffix, Full: n.FullName}
}

// identifier takes over a number. The number of the registration is the voter's
// id in the roll.
func (rd *reader) identifier(id vri.VoterId) {
	v := &rd.record.Voter
	kind := roll.IdentifierKind(id.Type)
	if (kind == roll.StateNo || kind == roll.LocalNo && v.ID == "") && id.StringValue != "" {
		if v.ID != "" {
			v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: roll.LocalNo, Value: hide.New(string(v.ID))})
		}
		v.ID = roll.ID(id.StringValue)
		return
	}
	if id.Type == "other" && id.OtherType != "" {
		kind = roll.IdentifierKind(id.OtherType)
	}
	none := id.AttestNoSuchId != nil && *id.AttestNoSuchId
	if id.StringValue != "" || none {
		v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: kind, Value: hide.New(id.StringValue), None: none})
	}
	if id.FileValue != nil {
		rd.drop("VoterId.FileValue", 1)
	}
}

var stateLine = regexp.MustCompile(`^(.*?)[, ]+([A-Za-z]{2})[, ]+(\d{5})(?:-?(\d{4}))?$`)

// address takes over an address of any class.
func (rd *reader) address(a *vri.Address) roll.Address {
	var out roll.Address
	switch a.Class {
	case vri.NumberedStreet, vri.UnnumberedStreet:
		out = street(a)
	default:
		out = roll.ReadLine(lineOf(a))
	}
	rd.place(a, &out)
	if a.Subaddress != nil {
		for i, s := range a.Subaddress.SubaddressElement {
			switch {
			case i == 0:
				out.UnitKind, out.Unit = s.SubaddressType, s.SubaddressIdentifier
			default:
				out.Unit += " " + strings.TrimSpace(s.SubaddressType+" "+s.SubaddressIdentifier)
			}
		}
	}
	for _, f := range a.Attributes {
		switch f.Name {
		case "LocationDescription":
			out.Directions = f.Value
		case "AddressLongitude", "AddressLatitude":
		default:
			rd.drop("Address."+f.Name, 1)
		}
	}
	out.Point = pointOf(a)
	return out
}

func pointOf(a *vri.Address) *roll.Point {
	var p roll.Point
	found := 0
	for _, f := range a.Attributes {
		to := map[string]*float64{"AddressLongitude": &p.Longitude, "AddressLatitude": &p.Latitude}[f.Name]
		if to == nil {
			continue
		}
		if n, err := fmt.Sscan(f.Value, to); n == 1 && err == nil {
			found++
		}
	}
	if found < 2 {
		return nil
	}
	return &p
}

// street takes over the number and the street.
func street(a *vri.Address) roll.Address {
	var out roll.Address
	for _, n := range a.Number {
		out.Number = affix(n.AddressNumberPrefix) + n.AddressNumber
		if s := affix(n.AddressNumberSuffix); s != "" {
			if strings.ContainsAny(s[:1], "0123456789") {
				s = " " + s
			}
			out.Number += s
		}
	}
	for _, s := range a.Street {
		out.Before = affix(s.StreetNamePreDirectional)
		out.Street = strings.Join(strings.Fields(affix(s.StreetNamePreModifier)+" "+affix(s.StreetNamePreType)+" "+s.StreetName), " ")
		out.Type, out.After = affix(s.StreetNamePostType), affix(s.StreetNamePostDirectional)
		if m := affix(s.StreetNamePostModifier); out.Type == "" {
			out.Type = m // where the samples of the standard have it
		} else if m != "" {
			out.Street += " " + m
		}
	}
	return out
}

func affix(a *vri.Affix) string {
	if a == nil {
		return ""
	}
	return a.Value
}

// lineOf writes the address of a class without number and street as a line.
func lineOf(a *vri.Address) string {
	var parts []string
	add := func(s ...string) {
		for _, x := range s {
			if x != "" {
				parts = append(parts, x)
			}
		}
	}
	if a.Landmark != nil {
		for _, n := range a.Landmark.LandmarkName {
			add(n.Value)
		}
	}
	if a.Class == vri.CommunityAddress && a.LandmarkPlace != nil {
		for _, n := range a.LandmarkPlace.PlaceName {
			add(n.Value)
		}
	}
	add(a.CornerOf)
	for i, n := range a.Number {
		if i > 0 {
			add("-")
		}
		add(affix(n.AddressNumberPrefix) + n.AddressNumber + affix(n.AddressNumberSuffix))
	}
	for i := range a.Street {
		if i > 0 {
			add("AND")
		}
		one := vri.Address{Street: a.Street[i : i+1]}
		add(street(&one).Line())
	}
	if a.Route != nil && a.Route.USPSRoute != nil {
		add(a.Route.USPSRoute.USPSBoxGroupType, a.Route.USPSRoute.USPSBoxGroupId)
		if b := a.Route.USPSBox; b != nil {
			add(b.USPSBoxType, b.USPSBoxId)
		}
	}
	if a.Box != nil {
		add(a.Box.USPSBoxType, a.Box.USPSBoxId)
	}
	add(a.DeliveryPoint, a.General)
	return strings.Join(parts, " ")
}

// place takes over city, county, state and ZIP code.
func (rd *reader) place(a *vri.Address, out *roll.Address) {
	out.State, out.ZIP, out.Country = a.StateName, a.ZipCode, a.CountryName
	if a.ZipPlus4 != "" {
		out.ZIP += "-" + a.ZipPlus4
	}
	for _, p := range []*vri.CompletePlaceName{a.LandmarkPlace, a.Place} {
		if p == nil || p == a.LandmarkPlace && a.Class == vri.CommunityAddress {
			continue
		}
		for _, n := range p.PlaceName {
			switch {
			case n.PlaceNameType == "County":
				rd.record.Voter.County = cmp.Or(rd.record.Voter.County, n.Value)
			case out.City == "":
				out.City = n.Value
			}
		}
	}
	for i, line := range a.PlaceStateZip {
		if m := stateLine.FindStringSubmatch(line); i == 0 && m != nil {
			out.City, out.State, out.ZIP = strings.TrimSuffix(strings.TrimSpace(m[1]), ","), m[2], m[3]
			if m[4] != "" {
				out.ZIP += "-" + m[4]
			}
			continue
		}
		out.Lines = append(out.Lines, line)
	}
}
