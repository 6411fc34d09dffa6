// SPDX-License-Identifier: Apache-2.0

package file

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/vri"
	"hustings/office/registry/roll"
)

// vriWriter writes records of a roll as VoterRecordResults.
type vriWriter struct {
	losses
	w *vri.ResultsWriter
}

func newVRI(w io.Writer, as vri.Spelling) (Writer, error) {
	rw, err := vri.NewResultsWriter(w, as, "")
	if err != nil {
		return nil, err
	}
	return &vriWriter{losses: newLosses(), w: rw}, nil
}

func (w *vriWriter) Write(r *Record) error {
	rec := w.toRecord(&r.Voter)
	w.lose(len(r.Asks), "what a request asked for: records of a roll ask for nothing")
	w.lose(one(r.Transaction), "the number of the request")
	var invalid *vri.Invalid
	if err := w.w.Write(rec); errors.As(err, &invalid) {
		w.leftOut++
		for _, p := range invalid.Problems[:1] {
			w.lose(1, "the whole record: "+p.Field+": "+p.Say)
		}
		return nil
	} else if err != nil {
		return err
	}
	w.records++
	return nil
}

func (w *vriWriter) Close() error { return w.w.Close() }

func one(s string) int {
	if s == "" {
		return 0
	}
	return 1
}

// toRecord writes a voter of the roll as a record.
func (w *vriWriter) toRecord(v *roll.Voter) *vri.VoterRecord {
	rec := &vri.VoterRecord{Voter: w.toVoter(v)}
	switch v.State {
	case "":
	case roll.Active, roll.Inactive:
		rec.VoterStatus = string(v.State)
	default:
		rec.VoterStatus, rec.OtherStatus = "other", string(v.State)
	}
	if v.NeedsID {
		rec.HavaIdRequired = &v.NeedsID
	}
	if v.County != "" {
		rec.Locality = append(rec.Locality, vri.ReportingUnit{Name: v.County, Type: "county"})
	}
	if v.Precinct != "" {
		rec.Locality = append(rec.Locality, vri.ReportingUnit{Name: string(v.Precinct), Type: "precinct"})
	}
	for _, d := range v.Districts {
		rec.District = append(rec.District, district(d))
	}
	w.lose(one(string(v.Reason)), "the reason for the status")
	w.lose(one(string(v.Since)), "the date of the status")
	w.lose(one(string(v.Registered)), "the date of registration")
	w.lose(one(string(v.Source)), "how the voter registered")
	w.lose(len(v.Langs), "languages")
	w.lose(len(v.Wishes), "standing requests for ballots")
	w.lose(one(v.Race), "race")
	if v.Birth == "" && v.Year > 0 {
		w.lose(1, "the year of birth, which is no date")
	}
	return rec
}

// Request writes a voter as a request, as an agency or a page would send it. It
// is of the day that is given.
func Request(v *roll.Voter, transaction string, day election.Date, asks ...string) *vri.VoterRecordsRequest {
	w := vriWriter{losses: newLosses()}
	q := &vri.VoterRecordsRequest{GeneratedDate: string(day), TransactionId: transaction, Type: asks, RequestMethod: string(v.Source), Subject: w.toVoter(v)}
	if !slices.Contains(vri.Codes("RequestMethod"), q.RequestMethod) {
		q.RequestMethod, q.OtherRequestMethod = "other", q.RequestMethod
		if v.Source == "" {
			q.RequestMethod, q.OtherRequestMethod = "unknown", ""
		}
	}
	if len(v.Langs) > 0 {
		q.SelectedLanguage = v.Langs[0]
	}
	if len(v.Wishes) > 0 {
		q.BallotRequest = ballotRequest(v.Wishes[0])
	}
	return q
}

func ballotRequest(w roll.Wish) *vri.BallotRequest {
	b := &vri.BallotRequest{Kind: "PermanentBallotRequest", BallotReceiptPreference: w.How}
	switch {
	case w.Permanent:
	case w.Election != "":
		b.Kind, b.Election = "ElectionBasedBallotRequest", &vri.Election{Name: string(w.Election), StartDate: string(w.From), EndDate: string(w.Until)}
	default:
		b.Kind, b.StartDate, b.EndDate = "TemporalBallotRequest", string(w.From), string(w.Until)
	}
	return b
}

func district(d election.DistrictID) vri.ReportingUnit {
	kind, name, ok := strings.Cut(string(d), ":")
	switch {
	case !ok:
		return vri.ReportingUnit{Name: string(d), Type: "other", OtherType: "district"}
	case slices.Contains(vri.Codes("ReportingUnitType"), kind):
		return vri.ReportingUnit{Name: name, Type: kind}
	}
	return vri.ReportingUnit{Name: name, Type: "other", OtherType: kind}
}

func (w *vriWriter) toVoter(v *roll.Voter) *vri.Voter {
	p := &vri.Voter{DateOfBirth: string(v.Birth), Gender: v.Gender, Ethnicity: v.Ethnic, Name: nameTo(v.Name), ResidenceAddress: w.toAddress(v.Home)}
	if v.Mail != nil {
		p.MailingAddress = w.toAddress(*v.Mail)
	}
	if len(v.Former) > 0 {
		p.PreviousName = nameTo(v.Former[0])
		w.lose(len(v.Former)-1, "names before the last one")
	}
	if v.Party != "" {
		p.Party = &vri.Party{Name: string(v.Party), Abbreviation: string(v.Party)}
	}
	for _, c := range v.Contact {
		p.ContactMethod = append(p.ContactMethod, contactTo(c))
	}
	if v.ID != "" {
		p.VoterId = append(p.VoterId, vri.VoterId{Type: string(roll.StateNo), StringValue: string(v.ID)})
	}
	for _, id := range v.Identifiers {
		p.VoterId = append(p.VoterId, identifierTo(id))
	}
	for _, a := range v.Assertions {
		p.VoterClassification = append(p.VoterClassification, assertionTo(a))
	}
	if v.Protected != "" && !slices.ContainsFunc(v.Assertions, func(a roll.Assertion) bool { return a.Kind == "protected-voter" }) {
		p.VoterClassification = append(p.VoterClassification, vri.VoterClassification{Type: "protected-voter", Assertion: "yes"})
	}
	return p
}

func nameTo(n roll.Name) *vri.Name {
	out := &vri.Name{Prefix: n.Prefix, FirstName: n.First, LastName: n.Last, Suffix: n.Suffix, FullName: n.Full}
	if n.Middle != "" {
		out.MiddleName = []string{n.Middle}
	}
	return out
}

func contactTo(c roll.Contact) vri.ContactMethod {
	out := vri.ContactMethod{Kind: "ContactMethod", Type: c.Kind, Value: c.Value}
	if c.Kind == "fax" || c.Kind == "phone" && c.Texts {
		out.Kind, out.Type = "PhoneContactMethod", "phone"
		out.Capability = []string{"voice", "sms"}
		if c.Kind == "fax" {
			out.Capability = []string{"fax"}
		}
	}
	if !slices.Contains(vri.Codes("ContactMethodType"), out.Type) {
		out.Type, out.OtherType = "other", c.Kind
	}
	return out
}

func identifierTo(id roll.Identifier) vri.VoterId {
	out := vri.VoterId{Type: string(id.Kind), StringValue: id.Value.Reveal()}
	if id.None {
		out.AttestNoSuchId = &id.None
	}
	if !slices.Contains(vri.Codes("VoterIdType"), out.Type) {
		out.Type, out.OtherType = "other", string(id.Kind)
	}
	return out
}

func assertionTo(a roll.Assertion) vri.VoterClassification {
	out := vri.VoterClassification{Type: a.Kind, Assertion: a.Value}
	if !slices.Contains(vri.Codes("VoterClassificationType"), a.Kind) {
		out.Type, out.OtherType = "other", a.Kind
	}
	if !slices.Contains(vri.Codes("AssertionValue"), a.Value) {
		out.Assertion, out.OtherAssertion = "other", a.Value
	}
	return out
}

var (
	number = regexp.MustCompile(`^(.*?)(\d+)([^\d]?\d/\d|[^\d]*)$`)
	box    = regexp.MustCompile(`(?i)^(P\.? ?O\.? ?BOX|POST OFFICE BOX|PMB|BOX) +(\S+)$`)
)

// toAddress writes an address in the class that fits it. nil for one of which
// nothing is known.
func (w *vriWriter) toAddress(a roll.Address) *vri.Address {
	if a.Empty() {
		return nil
	}
	out := &vri.Address{}
	line := a.Line()
	m := number.FindStringSubmatch(a.Number)
	switch {
	case a.Street != "" && m != nil:
		n := vri.CompleteAddressNumber{AddressNumber: m[2], AddressNumberPrefix: affixTo(m[1]), AddressNumberSuffix: affixTo(strings.TrimSpace(m[3]))}
		out.Class, out.Number, out.Street, out.Subaddress = vri.NumberedStreet, []vri.CompleteAddressNumber{n}, streetTo(a), unitTo(a)
	case a.Street != "" && a.Number == "":
		out.Class, out.Street, out.Subaddress = vri.UnnumberedStreet, streetTo(a), unitTo(a)
	default:
		if b := box.FindStringSubmatch(line); b != nil {
			out.Class, out.Box = vri.PostOfficeBox, &vri.USPSBox{USPSBoxType: strings.ToUpper(b[1]), USPSBoxId: b[2]}
		} else {
			out.Class, out.DeliveryPoint = vri.GeneralAddress, line
		}
	}
	w.region(a, out)
	if a.Directions != "" {
		out.Attributes = append(out.Attributes, vri.AddressAttribute{Name: "LocationDescription", Value: a.Directions})
	}
	return out
}

func affixTo(s string) *vri.Affix {
	if s == "" {
		return nil
	}
	return &vri.Affix{Value: s}
}

func streetTo(a roll.Address) []vri.CompleteStreetName {
	return []vri.CompleteStreetName{{StreetNamePreDirectional: affixTo(a.Before), StreetName: a.Street, StreetNamePostType: affixTo(a.Type), StreetNamePostDirectional: affixTo(a.After)}}
}

func unitTo(a roll.Address) *vri.CompleteSubaddress {
	if a.Unit == "" && a.UnitKind == "" {
		return nil
	}
	return &vri.CompleteSubaddress{SubaddressElement: []vri.SubaddressElement{{SubaddressType: a.UnitKind, SubaddressIdentifier: a.Unit}}}
}

// region writes city, state, ZIP code and point.
func (w *vriWriter) region(a roll.Address, out *vri.Address) {
	if a.Street != "" {
		w.lose(len(a.Lines), "further lines of addresses")
	}
	zip, four, _ := strings.Cut(a.ZIP, "-")
	if len(zip) == 9 && four == "" {
		zip, four = zip[:5], zip[5:]
	}
	if !digits(zip, 5) || four != "" && !digits(four, 4) {
		w.lose(one(a.ZIP), "ZIP codes that are not five or nine digits")
		zip, four = "", ""
	}
	if a.Point != nil {
		out.Attributes = append(out.Attributes, vri.AddressAttribute{Name: "AddressLongitude", Value: strconv.FormatFloat(a.Point.Longitude, 'f', -1, 64)},
			vri.AddressAttribute{Name: "AddressLatitude", Value: strconv.FormatFloat(a.Point.Latitude, 'f', -1, 64)})
	}
	if a.City == "" {
		out.PlaceStateZip = []string{strings.TrimSpace(strings.Join([]string{a.State, a.ZIP, a.Country}, " "))}
		return
	}
	out.Place = &vri.CompletePlaceName{PlaceName: []vri.PlaceName{{Value: a.City, PlaceNameType: "MunicipalJurisdiction"}}}
	out.StateName, out.ZipCode, out.ZipPlus4, out.CountryName = a.State, zip, four, a.Country
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == "" || s == ""
}
