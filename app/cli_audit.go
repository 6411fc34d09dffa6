// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"hustings/guard/audit"
	"hustings/guard/audit/receipt"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/fault"
)

type auditCmd struct {
	Verify auditVerify `cmd:"" help:"Prove from a copy of database and log that nothing was changed, removed, reordered or added."`
	Prove  auditProve  `cmd:"" help:"Write the receipt of one entry: the proof that it was sealed."`
	Check  auditCheck  `cmd:"" help:"Check a receipt with the log's public key alone, and a published file with it."`
	Key    auditKey    `cmd:"" help:"Print the log's public key."`
	Tiles  auditTiles  `cmd:"" help:"Copy the sealed log to a folder, as files that anyone may have."`
	Shred  auditShred  `cmd:"" help:"Destroy the salts of entries: nobody can show any more which leaves of the log they are."`
}

type auditVerify struct {
	Data     string `help:"Data folder, or a copy of one." placeholder:"FOLDER" xor:"from"`
	Database string `help:"URL of the database, or of a copy." placeholder:"URL" xor:"from"`
	Tiles    string `help:"Folder of the sealed log, or of a copy; empty: in the data folder." placeholder:"DIR"`
	Key      string `help:"The log's public key; empty: the one kept beside the log's own." placeholder:"VKEY"`
	Policy   string `help:"Witness policy: enough of its witnesses must have signed." placeholder:"FILE"`
	JSON     bool   `name:"json" help:"As JSON."`
}

// Run needs no house and no network: it looks at files and a database.
func (c auditVerify) Run(ctx context.Context, t *terminal) error {
	what, done, err := c.copy(ctx, t)
	if err != nil {
		return err
	}
	defer done()
	start := time.Now()
	r, err := audit.Verify(ctx, what)
	if err != nil {
		return err
	}
	if c.JSON {
		err = t.json(r)
	} else {
		err = printReport(t.out, r, time.Since(start))
	}
	if err == nil && !r.Sound() {
		return exitStatus(exitBlocked)
	}
	return err
}

// copy finds what is to be verified.
func (c auditVerify) copy(ctx context.Context, t *terminal) (what audit.Copy, done func(), err error) {
	cfg, err := t.settings()
	if err != nil {
		return what, nil, err
	}
	url, tiles, keyFile := cfg.database(), cfg.log(), cfg.logKey()
	if c.Data != "" {
		url, tiles, keyFile = "sqlite:"+filepath.Join(c.Data, "hustings.db"), filepath.Join(c.Data, "log"), filepath.Join(c.Data, "log.key")
	}
	if c.Database != "" {
		url = c.Database
	}
	what.Folder = cmp.Or(c.Tiles, tiles)
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if _, err := os.Stat(strings.TrimPrefix(path, "//")); err != nil {
			return what, nil, fault.Wrap(fault.Invalid, err, "there is no database %s: %s", path, err)
		}
	}
	if what.Policy, err = audit.ReadPolicy(c.Policy); err != nil {
		return what, nil, err
	}
	if what.Key, err = publicKey(c.Key, keyFile); err != nil {
		return what, nil, err
	}
	what.DB, err = db.Open(ctx, url, db.Options{})
	return what, func() { _ = what.DB.Close() }, err
}

// publicKey reads the key that was given, or the one that is kept here. Without
// either the signature stays unchecked.
func publicKey(given, file string) (note.Verifier, error) {
	if given == "" {
		if _, err := os.Stat(file); err != nil {
			return nil, nil
		}
		_, public, err := audit.KeyFile(file).LogKey("")
		if err != nil {
			return nil, err
		}
		given = public
	}
	key, err := tree.Key(given)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	return key, nil
}

func printReport(w io.Writer, r *audit.Report, took time.Duration) error {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	if r.More > 0 {
		fmt.Fprintf(w, "and %d more\n", r.More)
	}
	fmt.Fprintf(w, "%d entries against %d leaves of %s in %s\n", r.Entries, r.Leaves, r.Log, took.Round(time.Millisecond))
	if r.Waiting > 0 {
		fmt.Fprintf(w, "%d new entries are not under this checkpoint yet\n", r.Waiting)
	}
	if r.Shredded > 0 {
		fmt.Fprintf(w, "%d entries have no salt any more; their chain speaks for them\n", r.Shredded)
	}
	if len(r.Signed) == 0 {
		fmt.Fprintln(w, "the signature was not checked: give the log's public key with --key")
	} else {
		fmt.Fprintf(w, "signed by %s\n", strings.Join(r.Signed, ", "))
	}
	verdict := "sound: nothing was changed, removed, reordered or added"
	if !r.Sound() {
		verdict = fmt.Sprintf("NOT SOUND: %d problems", len(r.Problems)+r.More)
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}

type auditProve struct {
	ID  string `arg:"" help:"The entry's id."`
	Out string `help:"File for the receipt; empty: standard output." placeholder:"FILE"`
}

func (c auditProve) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		r, err := h.Audit.Prove(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.Out == "" {
			return r.Write(t.out)
		}
		f, err := os.Create(c.Out)
		if err != nil {
			return err
		}
		return errors.Join(r.Write(f), f.Close())
	})
}

type auditCheck struct {
	Receipt string `arg:"" help:"The receipt." type:"existingfile"`
	Key     string `required:"" help:"The log's public key, from a page or a poster of the office." placeholder:"VKEY"`
	Policy  string `help:"Witness policy: enough of its witnesses must have signed." placeholder:"FILE"`
	List    string `help:"The list of published files that the receipt is about." placeholder:"FILE"`
	File    string `help:"A published file that must be in the list." placeholder:"FILE"`
	JSON    bool   `name:"json" help:"As JSON."`
}

// Run needs nothing but the files and the key.
func (c auditCheck) Run(t *terminal) error {
	f, err := os.Open(c.Receipt)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", err)
	}
	defer f.Close()
	r, err := receipt.Read(f)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s: %s", c.Receipt, err)
	}
	key, err := publicKey(c.Key, "")
	if err != nil {
		return err
	}
	policy, err := audit.ReadPolicy(c.Policy)
	if err != nil {
		return err
	}
	e, cp, err := r.Check(key, policy.Verifiers()...)
	if err == nil && !policy.Met(r.Checkpoint) {
		err = errors.New("too few of the witnesses have signed the checkpoint")
	}
	path := ""
	if err == nil && (c.List != "" || c.File != "") {
		path, err = c.published(r)
	}
	if err != nil {
		fmt.Fprintf(t.out, "NOT PROVED: %s\n", err)
		return exitStatus(exitBlocked)
	}
	if c.JSON {
		return t.json(map[string]any{"log": cp.Origin, "leaf": r.Index, "leaves": cp.Size, "signed": cp.Signed, "entry": r.Entry, "path": path})
	}
	fmt.Fprintf(t.out, "proved: entry %d of %s, %s, recorded %s,\nis leaf %d of %d of %s, signed by %s\n",
		e.Seq, e.Jurisdiction, e.Name, e.At.Format(time.RFC3339), r.Index, cp.Size, cp.Origin, strings.Join(cp.Signed, ", "))
	if path != "" {
		fmt.Fprintf(t.out, "proved: the file was published by it as %s\n", path)
	}
	return nil
}

// published proves that the list is the receipt's and that the file is in it.
func (c auditCheck) published(r receipt.Receipt) (path string, err error) {
	if c.List == "" || c.File == "" {
		return "", errors.New("to prove a published file give both, --list and --file")
	}
	list, err := os.ReadFile(c.List)
	if err != nil {
		return "", err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return r.Published(list, file)
}

type auditKey struct{}

func (auditKey) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(_ context.Context, h *House) error {
		key, err := h.Audit.PublicKey()
		if err == nil {
			fmt.Fprintln(t.out, key)
		}
		return err
	})
}

type auditTiles struct {
	To string `required:"" help:"The folder." placeholder:"DIR"`
}

func (c auditTiles) Run(ctx context.Context, t *terminal) error {
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	n, err := tree.Folder(cfg.log()).CopyTo(ctx, c.To)
	if err == nil {
		fmt.Fprintf(t.err, "%d files copied\n", n)
	}
	return err
}

type auditShred struct {
	From         int64  `required:"" help:"Sequence of the first entry."`
	To           int64  `required:"" help:"Sequence of the last entry."`
	Jurisdiction string `help:"Whose entries; empty: the office's." placeholder:"ID"`
	Reason       string `required:"" help:"Why; it is recorded."`
}

func (c auditShred) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		return h.Audit.Shred(ctx, cmp.Or(c.Jurisdiction, h.Config.Office.Jurisdiction), c.From, c.To, c.Reason)
	})
}
