// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"hustings/format/ocsf"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/reach"
	"hustings/kit/who"
)

// Collector is where entries are sent to, so that a copy of the record is out of
// reach of whoever breaks into this house: any program that takes lines of JSON
// over HTTPS, such as the collector of an office's log system.
type Collector struct {
	URL string // https://…; "" for none
	Key string // path of a file with the bearer token; "" for none
	CA  string // path of a PEM file with the authority of its certificate; "" for the machine's own
}

// Check says what is wrong with the settings.
func (c Collector) Check() error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || !reach.Safe(u) {
		return fault.New(fault.Invalid, "audit.collector = %q: want an address that begins with https://, without a password in it", hidden(c.URL))
	}
	return nil
}

// hidden is an address without what it may have of a password.
func hidden(text string) string {
	if u, err := url.Parse(text); err == nil {
		return u.Redacted()
	}
	return "…"
}

// sentAtOnce is how many entries go in one request at most.
const sentAtOnce = 500

// Send sends every entry, as a line of OCSF, to the collector, in the order of
// its jurisdiction, until ctx ends. One node does it at a time. What the
// collector did not take with a status of 200 to 299 is sent again, so some come
// twice after a failure; each has its id (metadata.uid) and number.
func (s *Audit) Send(ctx context.Context) error {
	if s.Collector.URL == "" {
		return nil
	}
	authority, err := reach.Authority(s.Collector.CA)
	if err != nil {
		return err
	}
	client := reach.Client(30*time.Second, authority)
	s.Ledger.Alone(ctx, "audit.send", func(ctx context.Context, turn ledger.Turn) error {
		heads, err := s.Ledger.Jurisdictions(ctx)
		for in, last := range heads {
			if err == nil {
				err = s.sendUpTo(ctx, client, turn, in, last)
			}
		}
		return err
	})
	return nil
}

// sendUpTo sends what a jurisdiction has up to a number.
func (s *Audit) sendUpTo(ctx context.Context, client *http.Client, turn ledger.Turn, in string, last int64) error {
	ctx = who.With(ctx, who.System("audit", in))
	at, err := s.sent(ctx, in)
	if err != nil || at >= last {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	x := exporter{Audit: s, speaker: speaker{s.Words.In("en"), names}, in: in}
	for at < last {
		list, err := s.Ledger.Tail(ctx, in, at, sentAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		var body bytes.Buffer
		for _, e := range list {
			if err := ocsf.Write(&body, x.ocsfEvent(e)); err != nil {
				return err
			}
		}
		if err := s.Collector.post(ctx, client, &body); err != nil {
			return err
		}
		at = list[len(list)-1].Seq
		if err := s.keepSent(ctx, turn, in, at); err != nil {
			return err
		}
	}
	return nil
}

// post sends lines to the collector.
func (c Collector) post(ctx context.Context, client *http.Client, body io.Reader) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	if c.Key != "" {
		key, err := os.ReadFile(c.Key) // each time: keys are renewed
		if err != nil {
			return fmt.Errorf("audit.collector_key: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(key)))
	}
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("the collector at %s: %w", r.URL.Host, err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the collector at %s answered %s", r.URL.Host, answer.Status)
	}
	return nil
}

func (s *Audit) sent(ctx context.Context, in string) (seq int64, err error) {
	err = s.DB.QueryRowContext(ctx, `select coalesce(max(seq), 0) from audit_sent where jurisdiction = $1`, in).Scan(&seq)
	return seq, err
}

func (s *Audit) keepSent(ctx context.Context, turn ledger.Turn, in string, seq int64) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("entries were sent to the collector; to record it would make an entry for each entry")
		if err := turn.Fenced(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			insert into audit_sent (jurisdiction, seq) values ($1, $2)
			on conflict (jurisdiction) do update set seq = excluded.seq`, in, seq)
		return err
	})
}
