// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"hustings/kit/db"
	"hustings/kit/publish"
	"hustings/kit/publish/bucket"
	"hustings/kit/web"
	"hustings/kit/words"
)

// json writes a value, indented, for scripts.
func (t *terminal) json(v any) error {
	enc := json.NewEncoder(t.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// progress is a bar for long work; it stays silent when nobody watches.
func (t *terminal) progress(what string) func(done, total int) {
	f, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int, int) {}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(t.err), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no failure
	}
}

// migrate brings the database up to date, or lists what that would do.
func migrate(ctx context.Context, cfg Config, dry bool) ([]db.Migration, error) {
	h := &House{Config: cfg, Log: slog.Default(), Now: time.Now, readers: newReaders(time.Now)}
	defer h.Close()
	var err error
	if h.Words, err = words.New(); err != nil {
		return nil, err
	}
	if h.DB, err = db.Open(ctx, cfg.database(), db.Options{}); err != nil {
		return nil, err
	}
	if err := h.furnish(); err != nil {
		return nil, err
	}
	pending, err := h.DB.Pending(ctx, h.migrations())
	if err != nil || dry {
		return pending, err
	}
	return pending, h.DB.Migrate(ctx, h.migrations())
}

// servePublished is a node that plays the public role alone: it opens no
// database, only the published folder.
func servePublished(ctx context.Context, cfg Config, l *slog.Logger) error {
	h, err := openPublished(cfg, l)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.runPublished(ctx)
}

func openPublished(cfg Config, l *slog.Logger) (h *House, err error) {
	h = &House{Config: cfg, Log: l, Now: time.Now, readers: newReaders(time.Now), Opened: make(chan struct{})}
	if h.Shelf, err = publish.Open(cfg.published(), publish.Options{ReadOnly: true, Log: l}); err != nil {
		return h, err
	}
	if h.Words, err = words.New(cfg.Languages...); err != nil {
		return h, err
	}
	return h, h.Words.Add(web.Sentences)
}

type publishCmd struct {
	To     string `required:"" help:"A folder, or s3://BUCKET/PREFIX." placeholder:"DIR"`
	All    bool   `help:"Archived versions too."`
	S3Host string `name:"s3-host" help:"Host of the bucket." placeholder:"HOST"`
	S3Key  string `name:"s3-key" help:"Public half of the bucket's key." placeholder:"ID"`
	S3File string `name:"s3-secret-file" help:"File with the secret half." placeholder:"FILE"`
	Region string `name:"s3-region" help:"Region of the bucket." placeholder:"REGION"`
}

func (c publishCmd) Run(ctx context.Context, t *terminal) error {
	cfg, err := t.settings()
	if err != nil {
		return err
	}
	shelf, err := publish.Open(cfg.published(), publish.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer shelf.Close()
	return t.exportShelf(ctx, shelf, c)
}

type ledgerCmd struct {
	Tail   ledgerTail   `cmd:"" help:"Show the last entries, and new ones with --follow."`
	Status ledgerStatus `cmd:"" help:"Show who listens to the ledger, and who stands still."`
	Skip   ledgerSkip   `cmd:"" help:"Let a listener that stands still pass over an entry."`
}

type ledgerTail struct {
	N      int   `short:"n" default:"20" help:"How many of the last entries."`
	After  int64 `default:"-1" help:"Instead: all entries behind this sequence, such as the last that a log keeper has taken." placeholder:"SEQ"`
	Follow bool  `short:"f" help:"Wait for new entries."`
	JSON   bool  `name:"json" help:"One JSON object a line."`
}

func (c ledgerTail) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		jurisdiction := h.Config.Office.Jurisdiction
		heads, err := h.Ledger.Jurisdictions(ctx)
		if err != nil {
			return err
		}
		after := max(0, heads[jurisdiction]-int64(c.N))
		if c.After >= 0 {
			after = c.After
		}
		for {
			entries, err := h.Ledger.Tail(ctx, jurisdiction, after, 500)
			if err != nil {
				return err
			}
			for _, e := range entries {
				after = e.Seq
				if c.JSON {
					line, err := json.Marshal(map[string]any{"seq": e.Seq, "id": e.ID, "at": e.At, "actor": e.Actor, "via": e.Via,
						"request": e.Request, "name": e.Name, "subject": e.Subject, "data": json.RawMessage(e.Data), "hash": fmt.Sprintf("%x", e.Hash)})
					if err != nil {
						return err
					}
					fmt.Fprintln(t.out, string(line))
					continue
				}
				fmt.Fprintf(t.out, "%6d  %s  %-28s %-20s %s\n", e.Seq, e.At.Format(time.DateTime), e.Name, e.Actor, e.Data)
			}
			if len(entries) > 0 {
				continue
			}
			if !c.Follow {
				return nil
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
}

// exportShelf copies what is published to a folder or a bucket.
func (t *terminal) exportShelf(ctx context.Context, shelf *publish.Shelf, c publishCmd) error {
	target, done, err := c.target()
	if err != nil {
		return err
	}
	defer done()
	step := t.progress("copying")
	sum, err := shelf.Export(ctx, target, publish.ExportOptions{Archive: c.All, Progress: func(p publish.Progress) { step(p.Done, p.Total) }})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d copied, %d there already, %d removed\n", sum.Written, sum.Skipped, sum.Removed)
	return nil
}

// target is where a copy goes, and how to let go of it.
func (c publishCmd) target() (publish.Target, func(), error) {
	name, isBucket := strings.CutPrefix(c.To, "s3://")
	if !isBucket {
		f, err := publish.ToFolder(c.To)
		if err != nil {
			return nil, nil, err
		}
		return f, func() { _ = f.Close() }, nil
	}
	name, prefix, _ := strings.Cut(name, "/")
	b, err := bucket.Open(bucket.Options{Endpoint: c.S3Host, Region: c.Region, Name: name, Prefix: prefix, AccessKey: c.S3Key, SecretFile: c.S3File})
	return b, func() {}, err
}
