// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
)

// Part is what most elements within elements have. In a feed that came from
// CSV the label is the id of the row.
type Part struct {
	Label string `vip:"label,attr"`
	Line  int    // where the part starts in its file
}

// Text is a text in one or more languages (InternationalizedText).
type Text struct {
	Part
	Texts []LanguageString `vip:"Text,required"`
}

// LanguageString is a text in one language.
type LanguageString struct {
	Language string `vip:"language,attr,required"`
	Value    string `vip:",text"`
}

// English is a text in English only.
func English(s string) *Text { return &Text{Texts: []LanguageString{{"en", s}}} }

// In is the text in a language ("es", "es-MX"), or else in English, or else in
// whatever language comes first. A nil Text is empty.
func (t *Text) In(language string) string {
	if t == nil || len(t.Texts) == 0 {
		return ""
	}
	for _, want := range []string{language, baseLanguage(language), "en"} {
		for _, s := range t.Texts {
			if strings.EqualFold(s.Language, want) || strings.EqualFold(baseLanguage(s.Language), want) {
				return s.Value
			}
		}
	}
	return t.Texts[0].Value
}

func baseLanguage(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return base
}

// ContactInformation is how to reach a person or an office.
type ContactInformation struct {
	Part
	AddressLines []string    `vip:"AddressLine" csv:"address_line_#|address_line"`
	Directions   *Text       `vip:"Directions" csv:"directions"`
	Emails       []Annotated `vip:"Email" csv:"email"`
	Faxes        []Annotated `vip:"Fax" csv:"fax"`
	Hours        *Text       `vip:"Hours" csv:"hours"` // deprecated in favour of HoursOpenID
	HoursOpenID  ID          `vip:"HoursOpenId,ref=HoursOpen" csv:"hours_open_id"`
	LatLng       *LatLng     `vip:"LatLng" csv:"+"`
	Name         string      `vip:"Name" csv:"name"`
	Phones       []Annotated `vip:"Phone" csv:"phone"`
	URIs         []Annotated `vip:"Uri" csv:"uri"`
}

// Annotated is a value with a word about its purpose: a phone marked "TDD".
type Annotated struct {
	Annotation string `vip:"annotation,attr"` // at most 16 characters
	Value      string `vip:",text"`
}

// Department is a part of an election office.
type Department struct {
	Part
	ContactInformation       *ContactInformation `vip:"ContactInformation"`
	ElectionOfficialPersonID ID                  `vip:"ElectionOfficialPersonId,ref=Person" csv:"election_official_person_id"`
	VoterServices            []VoterService      `vip:"VoterService"`
}

// VoterService is something a department does for voters.
type VoterService struct {
	Part
	ContactInformation       *ContactInformation `vip:"ContactInformation"`
	Description              *Text               `vip:"Description" csv:"description"`
	ElectionOfficialPersonID ID                  `vip:"ElectionOfficialPersonId,ref=Person" csv:"election_official_person_id"`
	Type                     VoterServiceType    `vip:"Type" csv:"type"`
	OtherType                string              `vip:"OtherType" csv:"other_type"`
}

// ElectionNotice is an urgent word to voters.
type ElectionNotice struct {
	NoticeText *Text  `vip:"NoticeText,required" csv:"election_notice_text"`
	NoticeURI  string `vip:"NoticeUri" csv:"election_notice_uri"`
}

// ExternalIdentifiers link an element to other people's data.
type ExternalIdentifiers struct {
	Part
	Identifiers []ExternalIdentifier `vip:"ExternalIdentifier,required" csv:"+"`
}

// ExternalIdentifier is one such link: a FIPS code, an OCD id.
type ExternalIdentifier struct {
	Part
	Type      IdentifierType `vip:"Type,required" csv:"external_identifier_type"`
	OtherType string         `vip:"OtherType" csv:"external_identifier_othertype|external_identifier_other_type"`
	Value     string         `vip:"Value,required" csv:"external_identifier_value"`
}

// Of is the first identifier of a type, or nothing.
func (x *ExternalIdentifiers) Of(t IdentifierType) string {
	if x == nil {
		return ""
	}
	for _, id := range x.Identifiers {
		if id.Type == t {
			return id.Value
		}
	}
	return ""
}

// Schedule is a run of days with the same hours.
type Schedule struct {
	Part
	Hours               []Hours   `vip:"Hours" csv:"+"`
	IsOnlyByAppointment Opt[bool] `vip:"IsOnlyByAppointment" csv:"is_only_by_appointment"`
	IsOrByAppointment   Opt[bool] `vip:"IsOrByAppointment" csv:"is_or_by_appointment"`
	IsSubjectToChange   Opt[bool] `vip:"IsSubjectToChange" csv:"is_subject_to_change"`
	StartDate           Date      `vip:"StartDate" csv:"start_date"`
	EndDate             Date      `vip:"EndDate" csv:"end_date"`
}

// Hours is one opening within a day.
type Hours struct {
	Part
	StartTime Opt[TimeWithZone] `vip:"StartTime,required" csv:"start_time"`
	EndTime   Opt[TimeWithZone] `vip:"EndTime,required" csv:"end_time"`
}

// LatLng is a point on the map, and who says so.
type LatLng struct {
	Part
	Latitude  Opt[float64] `vip:"Latitude,required" csv:"latitude"`
	Longitude Opt[float64] `vip:"Longitude,required" csv:"longitude"`
	Source    string       `vip:"Source" csv:"latlng_source"`
}

// Term is how long someone holds an office.
type Term struct {
	Part
	StartDate Date           `vip:"StartDate" csv:"term_start_date"`
	EndDate   Date           `vip:"EndDate" csv:"term_end_date"`
	Type      OfficeTermType `vip:"Type" csv:"term_type"`
}

// SimpleAddress is an address in its parts.
type SimpleAddress struct {
	Line  int
	Line1 string `vip:"Line1,required" csv:"structured_line_1"`
	Line2 string `vip:"Line2" csv:"structured_line_2"`
	Line3 string `vip:"Line3" csv:"structured_line_3"`
	City  string `vip:"City,required" csv:"structured_city"`
	State string `vip:"State,required" csv:"structured_state"`
	Zip   string `vip:"Zip" csv:"structured_zip"`
}

// String is the address on one line: "4701 N CENTRAL AVE, PHOENIX, AZ 85012".
func (a *SimpleAddress) String() string {
	if a == nil {
		return ""
	}
	return oneLine(a.Line1, a.Line2, a.Line3, a.City, a.State+" "+a.Zip)
}

// Address is the address of the place on one line, however the feed gives it.
func (p *PollingLocation) Address() string {
	if p.AddressStructured != nil {
		return p.AddressStructured.String()
	}
	return oneLine(p.AddressLines...)
}

// Address is the postal address on one line.
func (c *ContactInformation) Address() string {
	if c == nil {
		return ""
	}
	return oneLine(c.AddressLines...)
}

// oneLine joins what is there with commas and makes double blanks single.
func oneLine(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		part = strings.TrimRight(strings.Join(strings.Fields(part), " "), ",")
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// SpatialBoundary is where a precinct lies.
type SpatialBoundary struct {
	Line                      int
	ExternalGeospatialFeature *ExternalGeospatialFeature `vip:"ExternalGeospatialFeature,required"`
}

// ExternalGeospatialFeature points at shapes in an external file.
type ExternalGeospatialFeature struct {
	Line               int
	ExternalFileID     ID                  `vip:"ExternalFileId,required,ref=ExternalFile" csv:"external_file_id"`
	FileFormat         GeospatialFormat    `vip:"FileFormat,required" csv:"file_format"`
	FeatureIdentifiers []FeatureIdentifier `vip:"FeatureIdentifier,required"`
}

// FeatureIdentifier is one shape: in a shapefile, the number of its record,
// counted from 0.
type FeatureIdentifier struct {
	Index string `vip:"Index,required"`
}

// Checksum proves that an external file is the one the feed was made with.
type Checksum struct {
	Line      int
	Algorithm ChecksumAlgorithm `vip:"Algorithm,required" csv:"algorithm"`
	Value     string            `vip:"Value,required" csv:"value"`
}

// Matches tells whether a file is the one that the checksum was made of. The
// error is for a file that cannot be read, or an algorithm that VIP does not
// know.
func (c *Checksum) Matches(file io.Reader) (bool, error) {
	var h hash.Hash
	switch c.Algorithm {
	case SHA256:
		h = sha256.New()
	case SHA512:
		h = sha512.New()
	default:
		return false, fmt.Errorf("checksum algorithm %q is not known; VIP has %s and %s", clip(string(c.Algorithm)), SHA256, SHA512)
	}
	if _, err := io.Copy(h, file); err != nil {
		return false, err
	}
	return strings.EqualFold(hex.EncodeToString(h.Sum(nil)), strings.TrimSpace(c.Value)), nil
}
