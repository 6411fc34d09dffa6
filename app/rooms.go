// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/election"
	"hustings/guard/access"
	"hustings/guard/audit"
	"hustings/guard/federation"
	"hustings/guard/identity"
	"hustings/guard/keys"
	"hustings/guard/openid"
	"hustings/guard/provision"
	"hustings/kit/job"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/office/definition"
	"hustings/office/registry"
	"hustings/office/results"
	"hustings/office/results/site"
	front "hustings/web"
)

// furnish opens every room and hands each what it needs. This is the list of
// rooms; nothing is in the house that is not here.
func (h *House) furnish() error {
	c := h.Config
	h.Jobs = &job.Jobs{DB: h.DB, Log: h.Log}
	h.Keys = keys.New(keys.Deps{DB: h.DB, Jobs: h.Jobs, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction,
		Root: c.rootKey(), Every: c.Keys.Rotate.Or(0), Folder: c.Data.Folder})
	h.Identity = identity.New(identity.Deps{DB: h.DB, Now: h.Now, Jurisdiction: c.Office.Jurisdiction, Secure: c.Doors.HTTPS,
		Idle: c.Doors.Idle.Or(0), Longest: c.Doors.Longest.Or(0), Office: c.Office.Name, URL: c.Doors.OfficeURL,
		Sealer: h.Keys.Sealer(), Dormant: c.SignIn.Dormant.Or(0), PasswordAlone: c.SignIn.PasswordAlone, Shortest: c.SignIn.Shortest, Rehearsal: c.SignIn.Rehearsal})
	h.Access = access.New(access.Deps{DB: h.DB, Now: h.Now, Log: h.Log, People: staff{h.Identity}, StepUp: c.Access.StepUp})
	h.Keys.Pairs, h.Identity.Roles = h.Access, roles{h.Access}
	h.Federation = federation.New(federation.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction, URL: c.Doors.OfficeURL,
		Secure: c.Doors.HTTPS, Longest: c.Doors.Longest.Or(0), Sealer: h.Keys.Sealer(), Pairs: h.Access,
		People: vouched{h.Identity}, Roles: ruled{h.Access}, Desk: desk{h.Identity}})
	h.Identity.Outside = outside{h.Federation}
	h.Letters = h.openLetters()
	h.Definition = definition.New(definition.Deps{DB: h.DB, Blobs: h.Blobs, Now: h.Now, Jurisdiction: c.Office.Jurisdiction})
	style, script, err := siteAssets()
	if err != nil {
		return err
	}
	settings, err := resultsSettings(c)
	if err != nil {
		return err
	}
	h.Results = results.New(results.Deps{DB: h.DB, Blobs: h.Blobs, Shelf: h.Shelf, Words: h.Words, Now: h.Now, Log: h.Log,
		Jurisdiction: c.Office.Jurisdiction, Definitions: h.Definition, Pairs: h.Access, Style: style, Script: script,
		Viewers: h.readers.now, Settings: settings,
		Checkpoint: func(ctx context.Context) (string, error) {
			c, err := h.Audit.Checkpoint(ctx)
			return c.Checkpoint, err
		}})

	h.Registry = registry.New(registry.Deps{DB: h.DB, Now: h.Now, Jurisdiction: c.Office.Jurisdiction, Sealer: h.Keys.Sealer(),
		Maps: surveyor{h.Definition}, Access: h.Access, Jobs: h.Jobs})
	h.Extract = h.openExtract()
	if h.Intake, err = h.openIntake(); err != nil {
		return err
	}
	h.Upkeep = h.openUpkeep()
	if h.Register, err = h.openRegister(); err != nil {
		return err
	}
	h.Audit = audit.New(audit.Deps{DB: h.DB, Ledger: h.Ledger, Shelf: h.Shelf, Words: h.Words, Now: h.Now, Log: h.Log,
		Jurisdiction: c.Office.Jurisdiction, Office: c.Office.Name, Keys: audit.KeyFile(c.logKey()), Access: h.Access,
		People: recorded{h.Identity}, Powers: powers{h.Access}, Style: audit.Asset(style),
		Settings: audit.Settings{Collector: c.collector(), Folder: c.log(), Origin: c.logName(), Witness: c.Audit.Witnesses}})

	h.OpenID = openid.New(openid.Deps{DB: h.DB, Pairs: h.Access, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction, URL: c.Doors.OfficeURL,
		Sealer: h.Keys.Sealer(), Staff: visitors{h.Identity}, Roles: admittance{h.Access}})

	h.Provision = provision.New(provision.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction, URL: c.Doors.OfficeURL,
		Secure: c.Doors.HTTPS, Accounts: provided{h.Identity}, Roles: mapped{h.Access}, Pairs: h.Access})

	h.Rooms = []room.Room{
		h.Identity.Room(),
		h.Access.Room(),
		h.Keys.Room(),
		h.Federation.Room(),
		h.Definition.Room(),
		h.Results.Room(),
		h.Registry.Room(),
		h.Letters.Room(),
		h.Extract.Room(),
		h.Intake.Room(),
		h.Upkeep.Room(),
		h.Register.Room(),
		h.Audit.Room(),
		h.OpenID.Room(),
		h.Provision.Room(),
	}
	if err := h.Access.Learn(h.Rooms); err != nil {
		return err
	}
	if err := h.Words.Add(web.Sentences); err != nil {
		return err
	}
	for _, r := range h.Rooms {
		for _, w := range r.Words {
			if err := h.Words.Add(w); err != nil {
				return err
			}
		}
	}
	return nil
}

func siteAssets() (style, script site.Asset, err error) {
	if style.Path, style.Body, err = front.Asset("site.css"); err != nil {
		return style, script, err
	}
	script.Path, script.Body, err = front.Asset("site.js")
	return style, script, err
}

func resultsSettings(c Config) (results.Settings, error) {
	share, err := fraction(c.Results.RecountShare)
	s := results.Settings{
		Rules: c.Results.Rules, SmallUnit: c.Results.SmallUnit, Update: c.Results.Update.Or(0), MaxFile: c.Results.MaxFile,
		Listeners: c.Doors.Listeners, URL: c.Doors.PublicURL, Early: c.Results.PublishBefore,
		Office: site.Office{Name: election.T(c.Office.Name), Phone: c.Office.Phone, Email: c.Office.Email, URL: c.Office.URL},
	}
	if share[1] > 0 || c.Results.RecountVotes > 0 {
		s.Recount = &site.Recount{Numerator: share[0], Denominator: share[1], Votes: c.Results.RecountVotes, Law: election.T(c.Results.RecountLaw)}
	}
	return s, err
}
