// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hustings/guard/keys/root"
	"hustings/guard/keys/split"
	"hustings/kit/fault"
	"hustings/kit/log"
)

type keysCmd struct {
	Status keysStatus `cmd:"" help:"Show the keys, how old they are and how far a rotation has come; never a key."`
	Rotate keysRotate `cmd:"" help:"Make new keys: for data (default), of the office, or the root key."`
	Split  keysSplit  `cmd:"" help:"Split the root key among officials: a page to print for each."`
	Join   keysJoin   `cmd:"" help:"Bring the root key together from officials' shares, or rehearse it."`
	Import keysImport `cmd:"" help:"Bring your own key of the office, or root key."`
	Move   keysMove   `cmd:"" help:"Move the root key's work to another place: a key service, a token or a file."`
	Shred  keysShred  `cmd:"" help:"Destroy the key of a person or an election; what it sealed is gone for good."`
}

type keysStatus struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c keysStatus) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		s, err := h.Keys.Status(ctx, h.Config.Office.Jurisdiction)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(s)
		}
		fmt.Fprintf(t.out, "root key     %s %s\noffice's key %s, %s %s\n", s.RootKind, s.RootID, s.KEK, s.KEKOrigin, s.KEKMade.Format(time.DateOnly))
		if s.RootNear != "" {
			fmt.Fprintf(t.out, "             %s lies among the data that it protects; keys.root chooses another place\n", s.RootNear)
		}
		for _, p := range s.Purposes {
			fmt.Fprintf(t.out, "data key     %-28s made %s, %d older\n", p.Name, p.Made.Format(time.DateOnly), p.Old)
		}
		fmt.Fprintf(t.out, "subjects     %d with keys of their own, %d destroyed\nnext         %s\n", s.Subjects, s.Shredded, s.Next.Format(time.DateOnly))
		if r := s.Rotation; r != nil {
			seen, total, unreadable := r.Sums()
			state := "over since " + r.Finished.Format(time.DateTime)
			if r.Finished.IsZero() {
				state = "under way since " + r.Began.Format(time.DateTime)
			}
			fmt.Fprintf(t.out, "rotation     %s: %d of %d fields, %d do not open %s\n", state, seen, total, unreadable, r.Stuck)
		}
		return nil
	})
}

type keysRotate struct {
	What   string `arg:"" optional:"" enum:"data,office,root" default:"data" help:"data, office or root."`
	Forget bool   `help:"With root: destroy the older root keys. Backups from before can then be opened by nobody."`
	Wait   bool   `help:"With data: do the work here and now, and show how far it is."`
}

func (c keysRotate) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		switch c.What {
		case "office":
			id, err := h.Keys.RotateKEK(ctx, nil)
			if err == nil {
				fmt.Fprintf(t.out, "the office's key is now %s\n", id)
			}
			return err
		case "root":
			if err := h.Keys.RotateRoot(ctx, c.Forget); err != nil {
				return err
			}
			s, err := h.Keys.Status(ctx, h.Config.Office.Jurisdiction)
			if err == nil {
				fmt.Fprintf(t.out, "the root key is now %s; split it anew if it was split\n", s.RootID)
			}
			return err
		}
		_, err := h.Keys.RotateData(ctx)
		if err != nil && !(c.Wait && fault.KindOf(err) == fault.Conflict) { // one that is under way is waited for
			return err
		}
		if !c.Wait {
			fmt.Fprintln(t.out, "new data keys are in use; the house puts older fields under them while it is open")
			return nil
		}
		return t.untilRenewed(ctx, h)
	})
}

// untilRenewed does the house's jobs until the rotation is over.
func (t *terminal) untilRenewed(ctx context.Context, h *House) error {
	ctx, stop := context.WithCancel(ctx)
	running := make(chan error, 1)
	go func() { running <- h.Jobs.Run(ctx, h.Keys.Room().Jobs, nil) }()
	defer func() { stop(); <-running }()
	step := t.progress("sealing anew")
	for {
		s, err := h.Keys.Status(ctx, h.Config.Office.Jurisdiction)
		if err != nil {
			return err
		}
		seen, total, unreadable := s.Rotation.Sums()
		step(int(seen), int(max(1, total)))
		if !s.Rotation.Finished.IsZero() {
			fmt.Fprintf(t.out, "%d fields are under the new keys", seen-unreadable)
			if unreadable > 0 {
				fmt.Fprintf(t.out, "; %d do not open and stay as they are, with their keys", unreadable)
			}
			fmt.Fprintln(t.out)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

type keysSplit struct {
	Officials int    `required:"" help:"Among how many officials."`
	Need      int    `required:"" help:"How many of them bring the key back."`
	To        string `required:"" type:"path" placeholder:"DIR" help:"Folder for the pages to print, such as a memory stick; destroy them after printing."`
}

func (c keysSplit) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := emptyFolder(c.To); err != nil {
			return err
		}
		shares, err := h.Keys.Split(ctx, c.Need, c.Officials)
		if err != nil {
			return err
		}
		for _, s := range shares {
			page, err := s.Page(h.Config.Office.Name, h.Now().Format(time.DateOnly))
			if err != nil {
				return err
			}
			name := filepath.Join(c.To, fmt.Sprintf("share-%d-of-%d.html", s.Number, s.Officials))
			if err := os.WriteFile(name, []byte(page), 0o600); err != nil {
				return fault.Wrap(fault.Invalid, err, "%s cannot be written: %s", name, err)
			}
			fmt.Fprintln(t.out, name)
		}
		fmt.Fprintf(t.err, "Print each page, give it to its official, and destroy the files. Then rehearse: hustings keys join --rehearse\n")
		return nil
	})
}

// emptyFolder makes the folder, or refuses one that holds something.
func emptyFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fault.Wrap(fault.Invalid, err, "the folder %s cannot be made", path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the folder %s cannot be read: %s", path, err)
	}
	if len(entries) > 0 {
		return fault.New(fault.Invalid, "the folder %s is not empty; choose one that is", path)
	}
	return nil
}

type keysJoin struct {
	Rehearse bool `help:"See that the shares bring the right key together, and change nothing."`
}

func (c keysJoin) Run(ctx context.Context, t *terminal) error {
	shares, err := t.shares()
	if err != nil {
		return err
	}
	if c.Rehearse {
		return t.within(ctx, func(ctx context.Context, h *House) error {
			if err := h.Keys.Rehearse(ctx, shares); err != nil {
				return err
			}
			fmt.Fprintln(t.out, "these shares bring the root key together; nothing was changed")
			return nil
		})
	}
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	return t.join(ctx, cfg, shares)
}

// join writes the root key into its place, in a house that cannot be opened
// for want of it.
func (t *terminal) join(ctx context.Context, cfg Config, shares []split.Share) error {
	l, err := log.New(t.err, cfg.Log.Format, quieter(cfg.Log.Level))
	if err != nil {
		return err
	}
	h, err := build(ctx, cfg, l, time.Now)
	if err != nil {
		return err
	}
	defer h.Close()
	ctx = operator(ctx, cfg)
	if err := t.permitted(ctx, h); err != nil {
		return err
	}
	if err := h.Keys.Join(ctx, shares); err != nil {
		return err
	}
	if err := h.Keys.Start(ctx, h.sealed()); err != nil {
		return err
	}
	place, _ := cfg.rootKey().Path()
	fmt.Fprintf(t.out, "the root key is back in %s\n", place)
	return nil
}

// shares asks for officials' shares, one line each, until there are enough.
func (t *terminal) shares() (out []split.Share, err error) {
	lines := bufio.NewScanner(io.LimitReader(t.in, 1<<20))
	lines.Buffer(nil, 64<<10)
	for len(out) == 0 || len(out) < out[0].Need {
		fmt.Fprintf(t.err, "Words of share %d, on one line (or scan its code): ", len(out)+1)
		if !lines.Scan() {
			_, err := split.Join(out) // says how many are missing
			return nil, errors.Join(lines.Err(), err)
		}
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		s, err := split.Read(lines.Text())
		if err != nil {
			fmt.Fprintln(t.err)
			return nil, err
		}
		out = append(out, s)
	}
	fmt.Fprintln(t.err)
	return out, nil
}

type keysImport struct {
	File string `arg:"" type:"path" help:"File with the key: 32 bytes, or the same in base64 or hexadecimal."`
	Root bool   `help:"As the root key, instead of the office's key."`
}

func (c keysImport) Run(ctx context.Context, t *terminal) error {
	key, err := readKeyFile(c.File)
	if err != nil {
		return err
	}
	defer clear(key)
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if c.Root {
			if err := h.Keys.ImportRoot(ctx, key); err != nil {
				return err
			}
		} else if _, err := h.Keys.RotateKEK(ctx, key); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "the key %s is in use; keep %s safe or destroy it\n", root.Fingerprint(key), c.File)
		return nil
	})
}

// readKeyFile reads a key that the office brings. Errors never quote it.
func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "%s cannot be read: %s", path, err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", path, err)
	}
	key, ok := decodeKey(body)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s holds no key: want %d random bytes, or the same in base64 or hexadecimal", path, root.Size)
	}
	return key, nil
}

func decodeKey(body []byte) ([]byte, bool) {
	key := body
	text := strings.TrimSpace(string(body))
	if len(body) != root.Size {
		var err error
		if key, err = hex.DecodeString(text); err != nil {
			if key, err = base64.StdEncoding.DecodeString(text); err != nil {
				return nil, false
			}
		}
	}
	if len(key) != root.Size {
		return nil, false
	}
	seen := make(map[byte]bool)
	for _, b := range key {
		seen[b] = true
	}
	return key, len(seen) >= 8 // a typed password or a row of zeros is no key
}

type keysMove struct {
	To     string `arg:"" help:"kms:https://HOST/MOUNT/KEY, pkcs11:MODULE?token=LABEL&key=LABEL or file:PATH."`
	Secret string `name:"secret-file" type:"path" help:"File with the token of the key service, or the PIN."`
}

func (c keysMove) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := h.Keys.MoveRoot(ctx, root.Place{URL: c.To, Secret: c.Secret}); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "the keys are wrapped by the root key in the new place. Set keys.root = %q and keys.secret_file before the next start.\n", c.To)
		return nil
	})
}

type keysShred struct {
	Subject string `arg:"" help:"The person or the election, as the room names it: voter:…, election:…"`
	Reason  string `required:"" help:"The request, or the rule; it is recorded."`
	Yes     string `required:"" name:"yes-destroy" help:"The subject again: this cannot be taken back." placeholder:"SUBJECT"`
}

func (c keysShred) Run(ctx context.Context, t *terminal) error {
	if c.Yes != c.Subject {
		return fault.New(fault.Invalid, "--yes-destroy names %q and the command %q; nothing was destroyed", c.Yes, c.Subject)
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := h.Keys.Shred(ctx, c.Subject, c.Reason); err != nil {
			return err
		}
		if err := h.DB.Settle(ctx, "keys_subject"); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "the key of %s is destroyed. Backups from before hold it, wrapped, until they expire.\n", c.Subject)
		return nil
	})
}
