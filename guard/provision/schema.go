// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"net/http"
	"strings"

	"hustings/kit/fault"
)

// showConfig says what this server does (RFC 7643, 5).
func (s *Provision) showConfig(w http.ResponseWriter, r *http.Request) error {
	does := func(yes bool) attributes { return attributes{"supported": yes} }
	return answer(w, http.StatusOK, attributes{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":   does(true), "changePassword": does(false), "sort": does(true), "etag": does(true),
		"bulk":   attributes{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter": attributes{"supported": true, "maxResults": mostPage},
		"authenticationSchemes": []attributes{{"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
			"description": "A token of a program's account, made on the page of the people and programs of the office."}},
		"meta": attributes{"resourceType": "ServiceProviderConfig", "location": s.base(r) + "/ServiceProviderConfig"},
	})
}

func resourceTypes(base string) []attributes {
	one := func(name, endpoint, schema string) attributes {
		return attributes{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, "id": name, "name": name, "endpoint": endpoint,
			"schema": schema, "meta": attributes{"resourceType": "ResourceType", "location": base + "/ResourceTypes/" + name}}
	}
	return []attributes{one("User", "/Users", userSchema), one("Group", "/Groups", groupSchema)}
}

// attribute describes one attribute of a schema (RFC 7643, 7).
func attribute(name, kind string, more attributes, parts ...attributes) attributes {
	a := attributes{"name": name, "type": kind, "multiValued": false, "required": false, "mutability": "readWrite", "returned": "default", "description": ""}
	if kind == "string" {
		a["caseExact"], a["uniqueness"] = false, "none"
	}
	for k, v := range more {
		a[k] = v
	}
	if len(parts) > 0 {
		a["subAttributes"] = parts
	}
	return a
}

func schemas(base string) []attributes {
	several, exactly := attributes{"multiValued": true}, attributes{"caseExact": true}
	fixed, readOnly := attributes{"mutability": "immutable", "caseExact": true}, attributes{"mutability": "readOnly"}
	one := func(id, name, about string, parts ...attributes) attributes {
		return attributes{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, "id": id, "name": name, "description": about,
			"attributes": parts, "meta": attributes{"resourceType": "Schema", "location": base + "/Schemas/" + id}}
	}
	return []attributes{
		one(userSchema, "User", "Somebody who works for the office",
			attribute("userName", "string", attributes{"required": true, "uniqueness": "server", "description": "The person's e-mail address"}),
			attribute("externalId", "string", exactly),
			attribute("name", "complex", nil, attribute("formatted", "string", nil), attribute("givenName", "string", nil), attribute("familyName", "string", nil)),
			attribute("displayName", "string", nil),
			attribute("active", "boolean", attributes{"description": "False disables the account and ends its sessions"}),
			attribute("groups", "complex", attributes{"multiValued": true, "mutability": "readOnly"}, attribute("value", "string", readOnly), attribute("display", "string", readOnly),
				attribute("$ref", "reference", attributes{"mutability": "readOnly", "referenceTypes": []string{"Group"}})),
			attribute("emails", "complex", several, attribute("value", "string", nil), attribute("type", "string", nil), attribute("primary", "boolean", nil))),
		one(groupSchema, "Group", "People whom the directory puts together",
			attribute("displayName", "string", attributes{"required": true, "uniqueness": "server"}),
			attribute("externalId", "string", exactly),
			attribute("members", "complex", several, attribute("value", "string", fixed), attribute("display", "string", attributes{"mutability": "readOnly"}),
				attribute("type", "string", fixed), attribute("$ref", "reference", attributes{"mutability": "immutable", "referenceTypes": []string{"User"}}))),
	}
}

func (s *Provision) showTypes(w http.ResponseWriter, r *http.Request) error {
	return fixedList(w, r, resourceTypes(s.base(r)))
}

func (s *Provision) showSchemas(w http.ResponseWriter, r *http.Request) error {
	return fixedList(w, r, schemas(s.base(r)))
}

func (s *Provision) showType(w http.ResponseWriter, r *http.Request) error {
	return fixedOne(w, r, resourceTypes(s.base(r)))
}

func (s *Provision) showSchema(w http.ResponseWriter, r *http.Request) error {
	return fixedOne(w, r, schemas(s.base(r)))
}

// fixedList answers with all of a list that has no filter (RFC 7644, 4).
func fixedList(w http.ResponseWriter, r *http.Request, all []attributes) error {
	if r.FormValue("filter") != "" {
		return fault.New(fault.Denied, "This list is not filtered.")
	}
	return answer(w, http.StatusOK, map[string]any{"schemas": []string{listSchema}, "totalResults": len(all), "startIndex": 1, "itemsPerPage": len(all), "Resources": all})
}

func fixedOne(w http.ResponseWriter, r *http.Request, all []attributes) error {
	for _, one := range all {
		if strings.EqualFold(one["id"].(string), r.PathValue("kind")) {
			return answer(w, http.StatusOK, one)
		}
	}
	return fault.New(fault.NotFound, "There is no schema of this name here.")
}
