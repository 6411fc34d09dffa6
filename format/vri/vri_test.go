// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hustings/format/sheet"
)

func yes() *bool { b := true; return &b }

// fullRequest uses every class of the standard that a request can hold.
func fullRequest() *VoterRecordsRequest {
	phone := &ContactMethod{Kind: "PhoneContactMethod", Type: "phone", Value: "555-0100", Capability: []string{"sms", "voice"}}
	place := func() *CompletePlaceName {
		return &CompletePlaceName{PlaceName: []PlaceName{{Value: "Marlow", PlaceNameType: "MunicipalJurisdiction", ElementSequenceNumber: "1"}}, Separator: ","}
	}
	mark := &CompleteLandmarkName{LandmarkName: []LandmarkName{{Value: "Grant Hall", GNISFeatureID: "7"}}}
	sub := &CompleteSubaddress{SubaddressElement: []SubaddressElement{{SubaddressType: "APT", SubaddressIdentifier: "4 <B>", SubaddressComponentOrder: "1"}}}
	number := CompleteAddressNumber{AddressNumberPrefix: &Affix{Value: "N6"}, AddressNumber: "12", AddressNumberSuffix: &Affix{Value: "1/2", Separator: " "}, AddressNumberParity: "Even"}
	street := CompleteStreetName{StreetNamePreDirectional: &Affix{Value: "N"}, StreetName: "Main & Ørsted", StreetNamePostType: &Affix{Value: "ST"}, AttachedElement: "Not Attached"}
	end := func(a Address) *Address {
		a.Place, a.StateName, a.ZipCode, a.ZipPlus4 = place(), "XX", "00001", "1234"
		return &a
	}
	return &VoterRecordsRequest{
		AdditionalInfo: []AdditionalInfo{{Name: "Language", StringValue: "en\nes", FileValue: &File{Kind: "File", Data: "AAEC", FileName: "a\"b.bin", MimeType: "x/y"}}},
		BallotRequest: &BallotRequest{Kind: "ElectionBasedBallotRequest", BallotReceiptPreference: []string{"mail", "email-or-online"},
			MailForwardingAddress: end(Address{Class: PostOfficeBox, Box: &USPSBox{USPSBoxType: "PO BOX", USPSBoxId: "12"}}),
			Election:              &Election{Name: "General", StartDate: "2026-11-03", ExternalIdentifier: []ExternalIdentifier{{Type: "ocd-id", Value: "x"}}}},
		Form: "other", OtherForm: "4010", GeneratedDate: "2026-10-01", Issuer: "Alder", RequestMethod: "other", OtherRequestMethod: "kiosk",
		RequestHelper: []RequestHelper{{Type: "witness", Name: &Name{FullName: "Zoë O’Neil"}, Phone: phone,
			Address: end(Address{Class: RuralRoute, Route: &USPSAddress{USPSRoute: &USPSRoute{USPSBoxGroupType: "RR", USPSBoxGroupId: "2"}, USPSBox: &USPSBox{USPSBoxType: "BOX", USPSBoxId: "9"}}})}},
		RequestProxy: &RequestProxy{Type: "motor-vehicle-office", TimeStamp: "2026-10-01", Phone: phone, Name: "DMV",
			Address: end(Address{Class: LandmarkPlace, Landmark: mark, Subaddress: sub})},
		SelectedLanguage: "es-US", TransactionId: "t-1", Type: []string{"registration", "ballot-request"}, VendorApplicationId: "v",
		Subject: &Voter{
			ContactMethod: []ContactMethod{{Kind: "ContactMethod", Type: "email", Value: "a@b.example"}, *phone},
			DateOfBirth:   "1980-02-29", Ethnicity: "e", Gender: "female", Name: &Name{FirstName: "Ana", LastName: "Núñez", MiddleName: []string{"M", "J"}, Suffix: "JR"},
			MailingAddress: end(Address{Class: IntersectionPlace, CornerOf: "NE", Street: []CompleteStreetName{street, {StreetName: "Oak"}}, Separator: []string{"and"}}),
			Party:          &Party{Name: "Green", Abbreviation: "GRE"}, PreviousName: &Name{FullName: "Ana Paz"},
			PreviousResidenceAddress: end(Address{Class: CommunityAddress, Number: []CompleteAddressNumber{number}, LandmarkPlace: place()}),
			ResidenceAddress: func() *Address {
				a := end(Address{Class: NumberedStreet, LandmarkPlace: place(), Number: []CompleteAddressNumber{number}, Street: []CompleteStreetName{street}, Subaddress: sub, Action: "ADD"})
				a.Attributes = []AddressAttribute{{"RelatedAddressId", "1"}, {"RelatedAddressId", "2"}, {"AddressLongitude", "-106.51"}, {"AddressLatitude", "42"},
					{"AddressCoordinateReferenceSystem", "EPSG:4326"}, {"MailableAddress", "Yes"}, {"AddressStartDate", "2020-01-01"}}
				return a
			}(),
			ResidenceAddressIsMailingAddress: yes(),
			Signature:                        &Signature{Date: "2026-10-01", FileValue: &File{Kind: "Image", Data: "AAEC"}, Source: "dmv", Type: "electronic"},
			VoterClassification:              []VoterClassification{{Assertion: "yes", Type: "united-states-citizen"}, {Assertion: "other", OtherAssertion: "o", Type: "other", OtherType: "p"}},
			VoterId:                          []VoterId{{Type: "ssn4", StringValue: "0042", DateOfIssuance: "2020-01-01"}, {Type: "drivers-license", AttestNoSuchId: yes()}},
		},
	}
}

func ranges() []Message {
	number := func(s string) CompleteAddressNumber { return CompleteAddressNumber{AddressNumber: s} }
	unit := func(a Address) *ReportingUnit {
		return &ReportingUnit{Type: "precinct", Name: "P", IsDistricted: yes(), Location: &Location{Address: &a, Directions: "left", LatLng: &LatLng{Latitude: "42.5", Longitude: "-106"}}}
	}
	street := []CompleteStreetName{{StreetName: "Elm"}}
	lines := []string{"MARLOW XX 00001"}
	two := Address{Class: TwoNumberRange, Number: []CompleteAddressNumber{number("1"), number("9")}, Separator: []string{"-"}, Street: street, PlaceStateZip: lines}
	four := Address{Class: FourNumberRange, Number: []CompleteAddressNumber{number("1"), number("9"), number("2"), number("8")}, Separator: []string{"-", "-"}, Street: street, PlaceStateZip: lines}
	office := &ElectionAdministration{Name: "Alder", Uri: []string{"https://vote.example/"}, ContactMethod: []ContactMethod{{Kind: "ContactMethod", Type: "phone", Value: "555"}},
		Location: &Location{Address: &Address{Class: GeneralAddress, General: "1 Main St, Marlow"}}}
	voter := func() *Voter {
		return &Voter{Name: &Name{FullName: "X"}, ResidenceAddress: &Address{Class: UnnumberedStreet, Street: street, PlaceStateZip: lines}}
	}
	return []Message{
		{Request: fullRequest()},
		{Request: &VoterRecordsRequest{GeneratedDate: "2026-01-01", RequestMethod: "unknown", Type: []string{"lookup"}, Subject: voter(),
			BallotRequest: &BallotRequest{Kind: "PermanentBallotRequest"}}},
		{Request: &VoterRecordsRequest{GeneratedDate: "2026-01-01", RequestMethod: "unknown", Type: []string{"lookup"}, Subject: voter(),
			BallotRequest: &BallotRequest{Kind: "TemporalBallotRequest", StartDate: "2026-01-01", EndDate: "2026-12-31"}}},
		{Acknowledgement: &RequestAcknowledgement{TransactionId: "t-1"}},
		{Success: &RequestSuccess{TransactionId: "t-1", Action: []string{"registration-created", "name-updated"}, EffectiveDate: "2026-01-01", District: []ReportingUnit{*unit(two)},
			Locality: []ReportingUnit{*unit(four)}, ElectionAdministration: office, PollingPlace: unit(Address{Class: GeneralDelivery, DeliveryPoint: "GENERAL DELIVERY", PlaceStateZip: lines})}},
		{Rejection: &RequestRejection{TransactionId: "t-1", AdditionalDetails: []string{"two\nlines"}, Error: []Error{{Name: "incomplete", Ref: "Subject/DateOfBirth"}, {Name: "other", OtherError: "o"}}}},
		{Results: &VoterRecordResults{TransactionId: "t-2", VoterRecord: []VoterRecord{
			{Voter: voter(), VoterStatus: "other", OtherStatus: "pending", HavaIdRequired: yes(), ElectionAdministration: office, PollingLocation: unit(two), District: []ReportingUnit{*unit(two)},
				Locality: []ReportingUnit{*unit(four)}, VoterParticipation: []VoterParticipation{{Election: &Election{StartDate: "2024-11-05", EndDate: "2024-11-05"}, PollingLocation: unit(two),
					BallotStyle: &BallotStyle{ImageUri: []string{"https://b.example/1"}, Party: []Party{{Name: "Green"}}, ExternalIdentifier: []ExternalIdentifier{{Type: "other", OtherType: "x", Value: "y"}}}}}},
			{Voter: voter(), VoterStatus: "active"}}}},
	}
}

// TestEveryMessageIsValid writes every class of the standard, all eleven kinds
// of address among them, holds the files to the schemas and reads them again.
func TestEveryMessageIsValid(t *testing.T) {
	var schema *jsonschema.Schema
	if _, err := os.Stat(samples); err == nil {
		schema = jsonSchema(t)
	}
	var files []string
	for i, m := range ranges() {
		for _, as := range []Spelling{XML, JSON} {
			var out bytes.Buffer
			if err := Write(&out, as, m); err != nil {
				t.Fatalf("message %d as %s: %v", i, as, err)
			}
			src, list, err := Read("m", bytes.NewReader(out.Bytes()), sheet.Limits{})
			if err != nil || src.Problems.Len() > 0 {
				t.Fatalf("message %d as %s: %v %v\n%s", i, as, err, src.Problems.List, out.Bytes())
			}
			list[0].Line = 0
			if diff := cmp.Diff(m, list[0]); diff != "" {
				t.Errorf("message %d as %s comes back changed:\n%s", i, as, diff)
			}
			if as == XML {
				files = append(files, filepath.Join(t.TempDir(), "m.xml"))
				os.WriteFile(files[len(files)-1], out.Bytes(), 0o600)
				continue
			}
			inst, err := jsonschema.UnmarshalJSON(&out)
			if err == nil && schema != nil {
				err = schema.Validate(inst)
			}
			if err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		}
	}
	if schema == nil {
		t.Skip("the schemas of NIST SP 1500-102 are not on this machine")
	}
	lint(t, files)
}

// TestResultsWriter writes a roll record by record.
func TestResultsWriter(t *testing.T) {
	want := ranges()[6].Results
	for _, as := range []Spelling{XML, JSON} {
		var out bytes.Buffer
		w, err := NewResultsWriter(&out, as, "t-2")
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.VoterRecord {
			if err := w.Write(&want.VoterRecord[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Write(&VoterRecord{}); err == nil {
			t.Error("a record without a voter was written")
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		src, list, err := Read("r", &out, sheet.Limits{})
		if err != nil || src.Records != 2 {
			t.Fatal(err, src.Records)
		}
		if diff := cmp.Diff(want, list[0].Results); diff != "" {
			t.Error(as, diff)
		}
	}
}

// TestLenient reads what files really hold.
func TestLenient(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		told     string
		look     func(r *VoterRecordsRequest) (got, want string)
	}{
		{"an American date", `{"@type":"VRI.VoterRecordsRequest","Subject":{"DateOfBirth":"7/4/1976"}}`, "DateOfBirth",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.DateOfBirth, "1976-07-04" }},
		{"a date that does not exist is left aside", `{"Subject":{"DateOfBirth":"1976-02-30"}}`, "no day of the calendar",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.DateOfBirth, "" }},
		{"a file without @type", `{"Subject":{"Name":{"LastName":"Roe"}}}`, "does not say what it is",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Name.LastName, "Roe" }},
		{"another name space", `<v:VoterRecordsRequest xmlns:v="urn:x"><v:Subject><v:Name><v:LastName>Roe</v:LastName></v:Name></v:Subject></v:VoterRecordsRequest>`, "name space",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Name.LastName, "Roe" }},
		{"Windows-1252", "<VoterRecordsRequest><Subject><Name><LastName>Mu\xf1oz</LastName></Name></Subject></VoterRecordsRequest>", "Windows-1252",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Name.LastName, "Muñoz" }},
		{"an unknown element", `<VoterRecordsRequest><Subject><Shoe>9</Shoe><Gender>x</Gender></Subject></VoterRecordsRequest>`, "Voter.Shoe",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender, "x" }},
		{"a code in other letters", `{"Subject":{},"RequestMethod":"Motor Vehicle Office"}`, "was read as",
			func(r *VoterRecordsRequest) (string, string) { return r.RequestMethod, "motor-vehicle-office" }},
		{"a code of nobody", `{"Subject":{"VoterId":[{"Type":"passport","StringValue":"12"}]}}`, "read as other",
			func(r *VoterRecordsRequest) (string, string) {
				return r.Subject.VoterId[0].Type + r.Subject.VoterId[0].OtherType, "otherpassport"
			}},
		{"a wrapper around messages", `<Batch><VoterRecordsRequest><Issuer>i</Issuer></VoterRecordsRequest></Batch>`, "begins with <Batch>",
			func(r *VoterRecordsRequest) (string, string) { return r.Issuer, "i" }},
		{"a list of messages", `[{"Subject":{"Gender":"x"}},]`, "does not say",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender, "x" }},
		{"an escape beyond the first plane", `{"Subject":{"Gender":"\ud83d\ude00\u00f1"}}`, "",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender, "😀ñ" }},
		{"control characters", `{"Subject":{"Gender":"a\u0007b"}}`, "cannot be printed",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender, "ab" }},
		{"a field of a hundred thousand bytes", `{"Subject":{"Gender":"` + strings.Repeat("x", 100_000) + `"}}`, "it holds 100000 bytes",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender, "" }},
		{"a field of ten megabytes", `{"Subject":{"Gender":"` + strings.Repeat("x", 10<<20) + `","Ethnicity":"e"}}`, "it holds 10485760 bytes",
			func(r *VoterRecordsRequest) (string, string) { return r.Subject.Gender + r.Subject.Ethnicity, "e" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, list, err := Read("in", strings.NewReader(tt.in), sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tt.look(list[0].Request); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			var all []string
			for _, p := range src.Problems.List {
				all = append(all, p.String())
			}
			if !strings.Contains(strings.Join(all, "\n"), tt.told) {
				t.Errorf("%q is not among what was told:\n%s", tt.told, strings.Join(all, "\n"))
			}
		})
	}
}

// TestHostile ends in a sentence, not in a full memory.
func TestHostile(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", "empty"},
		{"something else", "a,b\n1,2\n", "neither JSON nor XML"},
		{"entities", `<!DOCTYPE a [<!ENTITY x "y">]><VoterRecordsRequest>&x;</VoterRecordsRequest>`, "document type definition"},
		{"deep JSON", `{"Subject":` + strings.Repeat(`{"a":`, 10_000), "nested more than"},
		{"deep lists", strings.Repeat("[", 10_000), "JSON"},
		{"deep XML", "<VoterRecordsRequest>" + strings.Repeat("<a>", 1000), "nested more than"},
		{"cut off", `{"Subject":{"Name":`, "cut off"},
		{"another schema", `<html><body/></html>`, "no voter records"},
		{"JSON of another kind", `{"a":1}`, "no voter records"},
		{"a message with a million parts", `{"Subject":{"VoterId":[` + strings.Repeat("{},", 200_000) + `]}}`, "more than 100000 parts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Read("in", strings.NewReader(tt.in), sheet.Limits{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestStrict refuses what the schema would refuse, and says where.
func TestStrict(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		spoil      func(r *VoterRecordsRequest)
	}{
		{"no subject", "Subject: it is missing", func(r *VoterRecordsRequest) { r.Subject = nil }},
		{"no type", "Type: it is missing", func(r *VoterRecordsRequest) { r.Type = nil }},
		{"a code of nobody", "RequestMethod", func(r *VoterRecordsRequest) { r.RequestMethod = "pigeon" }},
		{"a date as Americans write it", "DateOfBirth", func(r *VoterRecordsRequest) { r.Subject.DateOfBirth = "7/4/1976" }},
		{"a control character", "U+0007", func(r *VoterRecordsRequest) { r.Issuer = "\a" }},
		{"bytes of another encoding", "UTF-8", func(r *VoterRecordsRequest) { r.Issuer = "\xff" }},
		{"a house number with letters", "AddressNumber", func(r *VoterRecordsRequest) { r.Subject.ResidenceAddress.Number[0].AddressNumber = "12B" }},
		{"a street without a number", "1 house numbers", func(r *VoterRecordsRequest) { r.Subject.ResidenceAddress.Number = nil }},
		{"a ZIP code of four digits", "ZipCode", func(r *VoterRecordsRequest) { r.Subject.ResidenceAddress.ZipCode = "1234" }},
		{"a picture that is none", "base64", func(r *VoterRecordsRequest) { r.Subject.Signature.FileValue.Data = "?" }},
		{"a ballot request of no kind", "BallotRequest", func(r *VoterRecordsRequest) { r.BallotRequest.Kind = "" }},
		{"a language that is none", "SelectedLanguage", func(r *VoterRecordsRequest) { r.SelectedLanguage = "en_US" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fullRequest()
			tt.spoil(r)
			err := Write(io.Discard, XML, Message{Request: r})
			var invalid *Invalid
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "0042") {
				t.Error("the error shows a private number")
			}
		})
	}
}

// TestStopsWhereAsked hands on the receiver's own error.
func TestStopsWhereAsked(t *testing.T) {
	full := errors.New("enough")
	_, err := Each("in", strings.NewReader(`{"Subject":{}}`), sheet.Limits{}, func(Message) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

// TestLongRollIsReadInLittleMemory reads twenty thousand records.
func TestLongRollIsReadInLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	pr, pw := io.Pipe()
	const n = 20_000
	go func() {
		w, _ := NewResultsWriter(pw, JSON, "")
		for range n {
			if err := w.Write(&ranges()[6].Results.VoterRecord[1]); err != nil {
				panic(err)
			}
		}
		pw.CloseWithError(w.Close())
	}()
	var most uint64
	src, err := Each("roll", pr, sheet.Limits{}, func(Message) error {
		var m runtime.MemStats
		if most == 0 {
			runtime.ReadMemStats(&m)
			most = m.HeapAlloc + 32<<20
		}
		return nil
	})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if err != nil || src.Records != n || m.HeapAlloc > most {
		t.Errorf("%v, %d records, %d bytes in use where %d were expected at most", err, src.Records, m.HeapAlloc, most)
	}
}

func FuzzReadJSON(f *testing.F) {
	fuzz(f, JSON, `{"@type":"VRI.VoterRecordsRequest","Subject":{"Name":{"MiddleName":["A","B"]}}}`)
}

func FuzzReadXML(f *testing.F) {
	fuzz(f, XML, `<VoterRecordsRequest><Subject><Name><MiddleName>A</MiddleName></Name></Subject></VoterRecordsRequest>`)
}

// fuzz reads anything; what can be written after that comes back the same.
func fuzz(f *testing.F, as Spelling, seed string) {
	f.Add([]byte(seed))
	for _, m := range ranges() {
		var out bytes.Buffer
		if err := Write(&out, as, m); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_, list, err := Read("in", bytes.NewReader(in), sheet.Limits{Bytes: 1 << 20})
		if err != nil {
			return
		}
		for _, m := range list {
			for _, as := range []Spelling{XML, JSON} {
				var out bytes.Buffer
				if Write(&out, as, m) != nil {
					continue
				}
				src, again, err := Read("again", bytes.NewReader(out.Bytes()), sheet.Limits{})
				if err != nil || len(again) != 1 || slices.ContainsFunc(src.Problems.List, func(p sheet.Problem) bool { return !strings.HasPrefix(p.Say, "it is missing") }) {
					t.Fatalf("what was written cannot be read: %v %v\n%s", err, src.Problems.List, out.Bytes())
				}
				again[0].Line = m.Line
				if diff := cmp.Diff(m, again[0]); diff != "" {
					t.Fatalf("%s\n%s", diff, out.Bytes())
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, as := range []Spelling{XML, JSON} {
		b.Run(string(as), func(b *testing.B) {
			var out bytes.Buffer
			w, _ := NewResultsWriter(&out, as, "")
			rec := &VoterRecord{Voter: fullRequest().Subject, VoterStatus: "active"}
			for range 100 {
				if err := w.Write(rec); err != nil {
					b.Fatal(err)
				}
			}
			w.Close()
			b.SetBytes(int64(out.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Each("in", bytes.NewReader(out.Bytes()), sheet.Limits{}, func(Message) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "records/s")
		})
	}
}
