// SPDX-License-Identifier: Apache-2.0

// Package ocsf writes security events in the Open Cybersecurity Schema
// Framework: the classes that tell of people and what they do with records. It
// knows nothing of Hustings.
package ocsf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Version is the version of the schema that events are written in.
const Version = "1.9.0-dev"

// Class is a class of events.
type Class int

// The classes.
const (
	Authentication   Class = 3002
	EntityManagement Class = 3004
	UserAccess       Class = 3005
	UserManagement   Class = 3007
)

var classNames = map[Class]string{
	Authentication: "Authentication", EntityManagement: "Entity Management",
	UserAccess: "User Access Management", UserManagement: "User Management",
}

// OtherActivity is the activity that a class does not list; its name says what
// it is.
const OtherActivity = 99

// Activities of the classes.
const (
	Logon, Logoff = 1, 2 // Authentication

	EntityCreate, EntityRead, EntityUpdate, EntityDelete = 1, 2, 3, 4 // EntityManagement

	AssignRole, RemoveRole = 3, 4 // UserAccess

	UserCreate, UserUpdate, UserDelete, UserEnable, UserDisable, UserLock, UserUnlock = 1, 2, 3, 4, 5, 6, 7 // UserManagement
	PasswordChange, PasswordReset                                                     = 8, 9
	EnableFactors, DisableFactors                                                     = 12, 13
	AddCredentials, RemoveCredentials                                                 = 18, 19
)

var activityNames = map[Class]map[int]string{
	Authentication:   {Logon: "Logon", Logoff: "Logoff"},
	EntityManagement: {EntityCreate: "Create", EntityRead: "Read", EntityUpdate: "Update", EntityDelete: "Delete"},
	UserAccess:       {AssignRole: "Assign Role", RemoveRole: "Remove Role"},
	UserManagement: {UserCreate: "Create", UserUpdate: "Update", UserDelete: "Delete", UserEnable: "Enable", UserDisable: "Disable",
		UserLock: "Lock", UserUnlock: "Unlock", PasswordChange: "Password Change", PasswordReset: "Password Reset",
		EnableFactors: "Enable MFA Factors", DisableFactors: "Disable MFA Factors",
		AddCredentials: "Add Programmatic Credentials", RemoveCredentials: "Remove Programmatic Credentials"},
}

// Severity is how much an event matters.
type Severity int

// The severities.
const (
	Informational Severity = 1
	Low           Severity = 2
	Medium        Severity = 3
	High          Severity = 4
)

var severityNames = map[Severity]string{Informational: "Informational", Low: "Low", Medium: "Medium", High: "High"}

// Status is how an event ended.
type Status int

// The ends.
const (
	Success Status = 1
	Failure Status = 2
)

var statusNames = map[Status]string{Success: "Success", Failure: "Failure"}

// Event is one event. Fill in what is known; Write works out the rest.
type Event struct {
	Class        Class
	Activity     int
	ActivityName string // for OtherActivity
	Severity     Severity
	Status       Status
	StatusDetail string
	At           time.Time
	Message      string
	Metadata     Metadata
	Actor        *Actor
	User         *User   // whom it is about
	Entity       *Entity // what it is about
	Role         *Role   // of UserAccess
	Service      *Service
	Source       *Endpoint
	Request      *HTTPRequest
	RawData      string
	Unmapped     map[string]any
}

// Metadata is about the record of the event.
type Metadata struct {
	Version     string  `json:"version"`
	Product     Product `json:"product"`
	UID         string  `json:"uid,omitempty"`
	Sequence    int64   `json:"sequence,omitempty"`
	LogName     string  `json:"log_name,omitempty"`
	Correlation string  `json:"correlation_uid,omitempty"`
	EventCode   string  `json:"event_code,omitempty"`
	Original    string  `json:"original_time,omitempty"`
	Tenant      string  `json:"tenant_uid,omitempty"`
}

// Product is what recorded the event.
type Product struct {
	Name    string `json:"name"`
	Vendor  string `json:"vendor_name"`
	Version string `json:"version,omitempty"`
}

// Actor is who did it.
type Actor struct {
	User    *User  `json:"user,omitempty"`
	AppName string `json:"app_name,omitempty"`
}

// User is a person or an account.
type User struct {
	UID  string `json:"uid,omitempty"`
	Name string `json:"name,omitempty"`
	Type *int   `json:"type_id,omitempty"`
}

// The types of users.
var (
	person = 1
	system = 3
	// Person is a user who is a person.
	Person = &person
	// System is a user that is a program.
	System = &system
)

// Entity is a record, a document, anything that is kept.
type Entity struct {
	UID  string `json:"uid,omitempty"`
	Name string `json:"name,omitempty"`
	Type string `json:"type,omitempty"`
	Data any    `json:"data,omitempty"`
}

// Role is a bundle of rights.
type Role struct {
	Name string `json:"name"`
}

// Service is what somebody signed in to.
type Service struct {
	Name string `json:"name"`
}

// Endpoint is where a request came from.
type Endpoint struct {
	IP string `json:"ip,omitempty"`
}

// HTTPRequest is how it came.
type HTTPRequest struct {
	UID       string `json:"uid,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
}

// wire is an event as it is written.
type wire struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     Class          `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int64          `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	SeverityID   Severity       `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     Status         `json:"status_id,omitempty"`
	Status       string         `json:"status,omitempty"`
	StatusDetail string         `json:"status_detail,omitempty"`
	Time         int64          `json:"time"`
	Message      string         `json:"message,omitempty"`
	Metadata     Metadata       `json:"metadata"`
	Actor        *Actor         `json:"actor,omitempty"`
	User         *User          `json:"user,omitempty"`
	Entity       *Entity        `json:"entity,omitempty"`
	Role         *Role          `json:"iam_role,omitempty"`
	Service      *Service       `json:"service,omitempty"`
	Source       *Endpoint      `json:"src_endpoint,omitempty"`
	Request      *HTTPRequest   `json:"http_request,omitempty"`
	RawData      string         `json:"raw_data,omitempty"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

// Check says what the schema would refuse.
func (e *Event) Check() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New(what))
		}
	}
	named := activityNames[e.Class][e.Activity] != ""
	need(classNames[e.Class] != "", fmt.Sprintf("there is no class %d here", e.Class))
	need(named || e.Activity == OtherActivity && e.ActivityName != "", fmt.Sprintf("class %d has no activity %d, and no name says what it is", e.Class, e.Activity))
	need(severityNames[e.Severity] != "", fmt.Sprintf("there is no severity %d", e.Severity))
	need(e.Status == 0 || statusNames[e.Status] != "", fmt.Sprintf("there is no status %d", e.Status))
	need(!e.At.IsZero(), "the time is missing")
	need(e.Metadata.Product.Name != "", "the product is missing")
	switch e.Class {
	case EntityManagement:
		need(e.Entity != nil && e.Entity.UID+e.Entity.Name != "", "the entity is missing")
	case Authentication:
		need(e.Service != nil, "the service is missing")
		need(e.User.known(), "the user is missing")
	default:
		need(e.User.known(), "the user is missing")
	}
	return errors.Join(errs...)
}

func (u *User) known() bool { return u != nil && u.UID+u.Name != "" }

// category of all our classes: Identity & Access Management.
const (
	category     = 3
	categoryName = "Identity & Access Management"
)

// Write writes an event as one line of JSON.
func Write(out io.Writer, e Event) error {
	if err := e.Check(); err != nil {
		return fmt.Errorf("the event cannot be written: %w", err)
	}
	activity := e.ActivityName
	if e.Activity != OtherActivity {
		activity = activityNames[e.Class][e.Activity]
	}
	typeName := activity
	if e.Activity == OtherActivity {
		typeName = "Other"
	}
	e.Metadata.Version = Version
	w := wire{ActivityID: e.Activity, ActivityName: activity, CategoryUID: category, CategoryName: categoryName,
		ClassUID: e.Class, ClassName: classNames[e.Class], TypeUID: int64(e.Class)*100 + int64(e.Activity), TypeName: classNames[e.Class] + ": " + typeName,
		SeverityID: e.Severity, Severity: severityNames[e.Severity], StatusID: e.Status, Status: statusNames[e.Status], StatusDetail: e.StatusDetail,
		Time: e.At.UnixMilli(), Message: e.Message, Metadata: e.Metadata, Actor: e.Actor, User: e.User, Entity: e.Entity, Role: e.Role,
		Service: e.Service, Source: e.Source, Request: e.Request, RawData: e.RawData, Unmapped: e.Unmapped}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(w)
}
