// SPDX-License-Identifier: Apache-2.0

package vri

// The classes below are those of the standard, with its names. Their fields
// stand in the order of the XML schema. A field is written when it is set, or
// when the standard requires it. The tags are the grammar that readers, writers
// and checks share; see plan.go.

// VoterRecordsRequest asks for a registration, for a ballot, or for what the
// roll says of somebody.
type VoterRecordsRequest struct {
	AdditionalInfo      []AdditionalInfo
	BallotRequest       *BallotRequest
	Form                string `vri:"code=RequestForm,other=OtherForm"`
	GeneratedDate       string `vri:"required,date"`
	Issuer              string
	OtherForm           string
	OtherRequestMethod  string
	OtherType           string
	RequestHelper       []RequestHelper
	RequestMethod       string `vri:"required,code=RequestMethod,other=OtherRequestMethod"`
	RequestProxy        *RequestProxy
	SelectedLanguage    string `vri:"language"`
	Subject             *Voter `vri:"required"`
	TransactionId       string
	Type                []string `vri:"required,code=VoterRequestType,other=OtherType"`
	VendorApplicationId string
}

// RequestAcknowledgement says that a request has come and will be looked at.
type RequestAcknowledgement struct {
	TransactionId string
}

// RequestSuccess says what was done on a request.
type RequestSuccess struct {
	TransactionId          string
	Action                 []string `vri:"code=SuccessAction"`
	District               []ReportingUnit
	EffectiveDate          string `vri:"date"`
	ElectionAdministration *ElectionAdministration
	Locality               []ReportingUnit
	PollingPlace           *ReportingUnit
}

// RequestRejection says why nothing was done on a request.
type RequestRejection struct {
	TransactionId     string
	AdditionalDetails []string `vri:"free"`
	Error             []Error
}

// Error is a reason for a rejection. Ref says which part of the request it is
// about, as a path such as Subject/VoterId[2]/StringValue.
type Error struct {
	Name       string `vri:"required,code=RequestError,other=OtherError"`
	OtherError string
	Ref        string
}

// VoterRecordResults is what the roll says of some voters, or of all.
type VoterRecordResults struct {
	TransactionId string
	VoterRecord   []VoterRecord
}

// VoterRecord is what the roll says of one voter.
type VoterRecord struct {
	District               []ReportingUnit
	ElectionAdministration *ElectionAdministration
	HavaIdRequired         *bool
	Locality               []ReportingUnit
	OtherStatus            string `vri:"xml=OtherVoterStatus"`
	PollingLocation        *ReportingUnit
	Voter                  *Voter `vri:"required"`
	VoterParticipation     []VoterParticipation
	VoterStatus            string `vri:"code=VoterStatus,other=OtherStatus"`
}

// Voter is a person, as they describe themselves or as the roll has them. A
// birth date is a private fact; whoever takes it over keeps it as one.
type Voter struct {
	ContactMethod                    []ContactMethod
	DateOfBirth                      string `vri:"date"`
	Ethnicity                        string
	Gender                           string
	MailingAddress                   *Address
	Name                             *Name `vri:"required"`
	Party                            *Party
	PreviousName                     *Name
	PreviousResidenceAddress         *Address
	PreviousSignature                *Signature
	ResidenceAddress                 *Address `vri:"required"`
	ResidenceAddressIsMailingAddress *bool
	Signature                        *Signature
	VoterClassification              []VoterClassification
	VoterId                          []VoterId
}

// Name is a person's name.
type Name struct {
	FirstName, FullName, LastName string
	MiddleName                    []string
	Prefix, Suffix                string
}

// VoterId is a number by which an office knows the voter. Its StringValue may
// be a social security or licence number: whoever takes it over must not print
// it.
type VoterId struct {
	AttestNoSuchId *bool
	DateOfIssuance string `vri:"date"`
	FileValue      *File
	OtherType      string
	StringValue    string
	Type           string `vri:"required,code=VoterIdType,other=OtherType"`
}

// VoterClassification is what somebody says of themselves, such as that they
// are a citizen.
type VoterClassification struct {
	Assertion      string `vri:"required,code=AssertionValue,other=OtherAssertion"`
	OtherAssertion string
	OtherType      string
	Type           string `vri:"required,code=VoterClassificationType,other=OtherType"`
}

// ContactMethod is a way to reach somebody. A phone that says what it can do is
// of the kind PhoneContactMethod.
type ContactMethod struct {
	Kind       string `vri:"kind=ContactMethod|PhoneContactMethod"`
	OtherType  string
	Type       string   `vri:"required,code=ContactMethodType,other=OtherType"`
	Value      string   `vri:"required"`
	Capability []string `vri:"code=PhoneCapability,only=PhoneContactMethod"`
}

// Signature is the picture of a signature.
type Signature struct {
	Date        string `vri:"date"`
	FileValue   *File  `vri:"class=VRI.Image"`
	OtherSource string
	OtherType   string
	Source      string `vri:"code=SignatureSource,other=OtherSource"`
	Type        string `vri:"code=SignatureType,other=OtherType"`
}

// File is a file in base64.
type File struct {
	Kind     string `vri:"kind=File|Image"`
	Data     string `vri:"required,content,base64"`
	FileName string `vri:"attr"`
	MimeType string `vri:"attr"`
}

// BallotRequest asks for ballots, for one election, for a time, or for good.
type BallotRequest struct {
	Kind                    string   `vri:"kind=ElectionBasedBallotRequest|TemporalBallotRequest|PermanentBallotRequest,abstract"`
	BallotReceiptPreference []string `vri:"code=BallotReceiptMethod"`
	MailForwardingAddress   *Address
	Election                *Election `vri:"required,only=ElectionBasedBallotRequest"`
	EndDate                 string    `vri:"required,date,only=TemporalBallotRequest"`
	StartDate               string    `vri:"required,date,only=TemporalBallotRequest"`
}

// Election is an election.
type Election struct {
	EndDate            string `vri:"date"`
	ExternalIdentifier []ExternalIdentifier
	Name               string
	StartDate          string `vri:"required,date"`
}

// Party is a political party.
type Party struct {
	Abbreviation       string
	ExternalIdentifier []ExternalIdentifier
	Name               string `vri:"required"`
}

// ExternalIdentifier is what others call something.
type ExternalIdentifier struct {
	OtherType string
	Type      string `vri:"required,code=IdentifierType,other=OtherType"`
	Value     string `vri:"required"`
}

// RequestHelper is somebody who helped with a request, or witnessed it.
type RequestHelper struct {
	Address   *Address
	Name      *Name
	Phone     *ContactMethod `vri:"class=VRI.PhoneContactMethod"`
	Signature *Signature
	Type      string `vri:"required,code=VoterHelperType"`
}

// RequestProxy is the agency or drive that hands a request on.
type RequestProxy struct {
	Address             *Address
	Name                string
	OriginTransactionId string
	OtherType           string
	Phone               *ContactMethod `vri:"class=VRI.PhoneContactMethod"`
	TimeStamp           string         `vri:"date"`
	Type                string         `vri:"required,code=RequestProxyType,other=OtherType"`
}

// ReportingUnit is a district, a precinct, a place.
type ReportingUnit struct {
	ExternalIdentifier []ExternalIdentifier
	IsDistricted       *bool
	Location           *Location
	Name               string
	OtherType          string
	Type               string `vri:"required,code=ReportingUnitType,other=OtherType"`
}

// Location is where something is.
type Location struct {
	Address    *Address
	Directions string
	LatLng     *LatLng
}

// LatLng is a place on the map.
type LatLng struct {
	Latitude  string `vri:"required,number"`
	Longitude string `vri:"required,number"`
	Source    string
}

// ElectionAdministration is an election office.
type ElectionAdministration struct {
	ContactMethod []ContactMethod
	Location      *Location
	Name          string
	Uri           []string `vri:"uri"`
}

// VoterParticipation says in which election somebody voted.
type VoterParticipation struct {
	BallotStyle     *BallotStyle
	Election        *Election `vri:"required"`
	PollingLocation *ReportingUnit
}

// BallotStyle is the ballot that somebody had.
type BallotStyle struct {
	ExternalIdentifier []ExternalIdentifier
	ImageUri           []string `vri:"uri"`
	Party              []Party
}

// AdditionalInfo is something the standard has no field for.
type AdditionalInfo struct {
	FileValue   *File
	Name        string `vri:"required"`
	StringValue string `vri:"free"`
}
