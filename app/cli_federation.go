// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"hustings/guard/federation"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

type ssoCmd struct {
	List   ssoList   `cmd:"" help:"List the houses that sign people in here."`
	Add    ssoAdd    `cmd:"" help:"Take another house's word from now on, or change how it is taken."`
	Try    ssoTry    `cmd:"" help:"Ask a house about itself, as a sign-in would, and print what it has to know about this office."`
	Link   ssoLink   `cmd:"" help:"Have a house vouch for an account, by the name that it has for the person."`
	Stop   ssoStop   `cmd:"" help:"Take a house's word no more; the sessions that it began end."`
	Remove ssoRemove `cmd:"" help:"Forget a stopped house, its links to accounts and the roles that its rules gave."`
}

type ssoList struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c ssoList) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		all, err := h.Federation.Providers(ctx)
		if err != nil || c.JSON {
			if err == nil {
				err = t.json(all)
			}
			return err
		}
		for _, p := range all {
			state := "on"
			if !p.Active {
				state = "stopped"
			}
			fmt.Fprintf(t.out, "%s  %-4s  %-7s  level %d  %s  %s  %s\n", p.ID, p.Kind, state, p.Level, p.Name, p.Issuer, strings.Join(p.Domains, ","))
		}
		return nil
	})
}

type ssoAdd struct {
	ID       string   `help:"The provider to change; none: a new one." placeholder:"ID"`
	Name     string   `required:"" help:"Its name, as it stands on the button of the sign-in page."`
	Issuer   string   `help:"OpenID Connect: the house's address, as it writes it." placeholder:"URL"`
	Client   string   `help:"OpenID Connect: what the house calls this office." placeholder:"ID"`
	Secret   string   `name:"secret-file" help:"File with the client secret; - reads it from standard input. None: as it is, or PKCE alone." placeholder:"FILE"`
	Public   bool     `help:"Forget the secret that is kept."`
	Scope    []string `default:"email,profile" help:"Scopes beside openid."`
	Metadata string   `help:"SAML: the house's metadata." type:"existingfile" placeholder:"FILE"`
	Level    int      `default:"1" help:"What its word is worth: 1 or 2."`
	Proof    []string `sep:"none" help:"Value of acr, amr or AuthnContextClassRef that says two factors; may be given several times."`
	Domain   []string `help:"E-mail domain that it speaks for; may be given several times."`
	Makes    bool     `help:"It makes accounts for people of its domains."`
	Rule     []string `sep:"none" help:"Role by a rule, such as \"groups = Elections -> viewer\"; may be given several times."`
}

func (c ssoAdd) Run(ctx context.Context, t *terminal) error {
	change, err := c.change(t)
	if err != nil {
		return err
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		id, _, err := h.Federation.Propose(ctx, change)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "provider %s\n", id)
		return printAddresses(t.out, h, id, change.Settings.Kind)
	})
}

func (c ssoAdd) change(t *terminal) (federation.Change, error) {
	set := federation.Settings{Kind: federation.OIDC, Name: c.Name, Issuer: c.Issuer, Client: c.Client, Scopes: c.Scope, Level: c.Level,
		Proofs: c.Proof, Domains: c.Domain, Makes: c.Makes}
	out := federation.Change{Provider: c.ID, Public: c.Public, Reason: "at the machine"}
	if c.Metadata != "" {
		body, err := os.ReadFile(c.Metadata)
		if err != nil {
			return out, fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", c.Metadata, err)
		}
		set.Kind, set.Metadata = federation.SAML, string(body)
		set.Issuer, set.Client, set.Scopes = "", "", nil
	}
	var err error
	if set.Rules, err = federation.ReadRules(strings.Join(c.Rule, "\n")); err != nil {
		return out, err
	}
	out.Settings = set
	out.Secret, err = c.secret(t.in)
	return out, err
}

// secret reads the client secret: never an argument, which others at the machine
// can see.
func (c ssoAdd) secret(in io.Reader) (hide.String, error) {
	if c.Secret == "" {
		return hide.String{}, nil
	}
	if c.Secret != "-" {
		file, err := os.Open(c.Secret)
		if err != nil {
			return hide.String{}, fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", c.Secret, err)
		}
		defer file.Close()
		in = file
	}
	body, err := io.ReadAll(io.LimitReader(in, 4096))
	text := strings.TrimSpace(string(body))
	if err == nil && text == "" {
		err = fault.New(fault.Invalid, "the secret is empty")
	}
	return hide.New(text), err
}

// printAddresses says what the other house has to know about this office.
func printAddresses(w io.Writer, h *House, id string, kind federation.Kind) error {
	base := strings.TrimSuffix(h.Config.Doors.OfficeURL, "/")
	if base == "" {
		fmt.Fprintln(w, "doors.office_url is not set, so nobody can sign in by this house: set it, and put it before these")
	}
	at := federation.AddressesOf(base, id)
	var err error
	if kind == federation.SAML {
		_, err = fmt.Fprintf(w, "entity id and metadata  %s\nassertion consumer      %s\n", at.EntityID, at.ACS)
	} else {
		_, err = fmt.Fprintf(w, "redirect uri            %s\nafter sign-out          %s\nback-channel logout     %s\n", at.Back, at.LeftTo, at.Logout)
	}
	return err
}

type ssoTry struct {
	ID   string `arg:"" help:"The provider."`
	JSON bool   `name:"json" help:"As JSON."`
}

func (c ssoTry) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		p, err := h.Federation.Provider(ctx, c.ID)
		if err != nil {
			return err
		}
		answer, err := h.Federation.Ask(ctx, c.ID)
		if err != nil || c.JSON {
			if err == nil {
				err = t.json(answer)
			}
			return err
		}
		fmt.Fprint(t.out, answer)
		return printAddresses(t.out, h, c.ID, p.Kind)
	})
}

type ssoLink struct {
	ID      string `arg:"" help:"The provider."`
	Email   string `arg:"" help:"The account's address."`
	Subject string `arg:"" help:"The house's own name for the person: sub, or the NameID."`
}

func (c ssoLink) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		a, err := h.Identity.ByEmail(ctx, c.Email)
		if err != nil {
			return err
		}
		return h.Federation.Link(ctx, c.ID, c.Subject, a.ID)
	})
}

type ssoStop struct {
	ID     string `arg:"" help:"The provider."`
	Reason string `required:"" help:"Why; it is recorded."`
}

func (c ssoStop) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return h.Federation.Stop(ctx, c.ID, c.Reason) })
}

type ssoRemove struct {
	ID     string `arg:"" help:"The provider; stop it first."`
	Reason string `required:"" help:"Why; it is recorded."`
}

func (c ssoRemove) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return h.Federation.Remove(ctx, c.ID, c.Reason) })
}
