// SPDX-License-Identifier: Apache-2.0

package nisterr

// InternationalizedText is one text in several languages.
type InternationalizedText struct {
	Label string `err:"attr"`

	Text []LanguageString `err:"required"`
}

// LanguageString is a text in one language.
type LanguageString struct {
	Content  string `err:"required,blank,content"`
	Language string `err:"required,attr,language"`
}

// Text is a text in one language, such as Text("en", "Governor").
func Text(language, content string) *InternationalizedText {
	return &InternationalizedText{Text: []LanguageString{{Content: content, Language: language}}}
}

// In is the text in a language, or else the first one there is. A nil text
// is empty.
func (t *InternationalizedText) In(language string) string {
	if t == nil || len(t.Text) == 0 {
		return ""
	}
	for _, s := range t.Text {
		if s.Language == language {
			return s.Content
		}
	}
	return t.Text[0].Content
}

// AnnotatedString is a text with a short remark, such as a telephone number
// and "fax after 5 pm".
type AnnotatedString struct {
	Annotation string `err:"attr,short"`
	Content    string `err:"required,blank,content"`
}

// AnnotatedUri is an address on the web with a short remark.
type AnnotatedUri struct {
	Annotation string `err:"attr,short"`
	Content    string `err:"required,content,uri"`
}

// ExternalIdentifier is what others call the thing.
type ExternalIdentifier struct {
	Line  int
	Label string `err:"attr"`

	Type      IdentifierType `err:"required"`
	OtherType string
	Value     string `err:"required,blank"`
}

// ContactInformation is how to reach a person or an office, or where to vote.
type ContactInformation struct {
	Line  int
	Label string `err:"attr"`

	AddressLine []string
	Directions  *InternationalizedText
	Email       []AnnotatedString
	Fax         []AnnotatedString
	LatLng      *LatLng
	Name        string
	Phone       []AnnotatedString
	Schedule    []Schedule
	Uri         []AnnotatedUri
}

// LatLng is a point on the map, in degrees.
type LatLng struct {
	Line  int
	Label string `err:"attr"`

	Latitude  Opt[float64] `err:"required"`
	Longitude Opt[float64] `err:"required"`
	Source    string
}

// Schedule is when a place is open.
type Schedule struct {
	Line  int
	Label string `err:"attr"`

	Hours               []Hours
	IsOnlyByAppointment Opt[bool]
	IsOrByAppointment   Opt[bool]
	IsSubjectToChange   Opt[bool]
	StartDate           string `err:"date"`
	EndDate             string `err:"date"`
}

// Hours is from when to when, on which day.
type Hours struct {
	Line  int
	Label string `err:"attr"`

	Day       DayType
	StartTime string `err:"required,time"`
	EndTime   string `err:"required,time"`
}
