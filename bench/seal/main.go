// SPDX-License-Identifier: Apache-2.0

// Command seal measures what sealing costs: a field sealed, opened and made
// searchable with the house's real keys on a real database, beside AES-GCM
// alone and beside Tink's own primitive; and a whole column put under new keys.
// The bar is 2 µs a field.
package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"hustings/guard/keys"
	"hustings/guard/keys/root"
	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/seal"
	"hustings/kit/who"
)

const (
	here = "ocd-division/country:us/state:zz/county:bench"
	bar  = 2 * time.Microsecond
	text = "D1234567"
)

var (
	licence = seal.Column{Table: "bench_voter", Name: "licence", Key: []string{"id"}, Purpose: "bench.licence", Index: "licence_index"}
	birth   = seal.Column{Table: "bench_voter", Name: "birth", Key: []string{"id"}, Purpose: "bench.birth", Subject: "subject"}
	table   = fstest.MapFS{"migrations/0001_voter.sql": {Data: []byte(`
create table bench_voter (
  jurisdiction text not null, id text not null, subject text not null,
  licence bytea, licence_index bytea, birth bytea, primary key (jurisdiction, id)
);`)}}
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "hustings-bench-seal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ctx := who.With(context.Background(), who.System("bench", here))
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(folder, "bench.db"), db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	quiet := slog.New(slog.DiscardHandler)
	k := keys.New(keys.Deps{DB: d, Jobs: &job.Jobs{DB: d, Log: quiet}, Now: time.Now, Log: quiet, Jurisdiction: here,
		Root: root.Place{URL: "file:" + filepath.Join(folder, "root.key")}})
	sources := []db.Source{job.Source(), {Room: "keys", FS: k.Room().Migrations}, {Room: "bench", FS: table}}
	if err := d.Migrate(ctx, sources); err != nil {
		return err
	}
	if err := k.Start(ctx, append([]seal.Column{licence, birth}, k.Room().Sealed...)); err != nil {
		return err
	}
	if err := fields(ctx, d, k.Sealer()); err != nil {
		return err
	}
	return rotation(ctx, d, k)
}

// measure prints one line, and says whether the bar holds.
func measure(what string, barred bool, do func() error) error {
	var err error
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err = do(); err != nil {
				b.FailNow()
			}
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	each := time.Duration(r.NsPerOp())
	verdict := ""
	if barred {
		verdict = fmt.Sprintf("  bar %v: met", bar)
		if each > bar {
			verdict = fmt.Sprintf("  bar %v: MISSED", bar)
		}
	}
	fmt.Printf("%-44s %8.2f µs %4d allocations%s\n", what, float64(each)/1e3, r.AllocsPerOp(), verdict)
	return nil
}

// fields measures one field at a time.
func fields(ctx context.Context, d *db.DB, s *seal.Sealer) error {
	at, of := licence.At(here, "0192f0c4-7c1d-7e4a-9d0a-6f5b3c2a1e00"), birth.At(here, "1").Of("voter:1")
	private := hide.New(text)
	sealed, err := s.Seal(ctx, nil, at, private)
	if err != nil {
		return err
	}
	var own []byte
	err = d.Write(ctx, func(tx *db.Tx) (err error) {
		tx.Silently("a benchmark")
		own, err = s.Seal(ctx, tx, of, private)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range []struct {
		what   string
		barred bool
		do     func() error
	}{
		{"seal a field", true, func() error { _, err := s.Seal(ctx, nil, at, private); return err }},
		{"open a field", true, func() error { _, err := s.Open(ctx, d, at, sealed); return err }},
		{"open a field of a subject, key at hand", true, func() error { _, err := s.Open(ctx, d, of, own); return err }},
		{"make it searchable (blind index)", false, func() error { _, _, err := s.Index(ctx, &licence, here, private); return err }},
	} {
		if err := measure(m.what, m.barred, m.do); err != nil {
			return err
		}
	}
	return alone()
}

// alone measures the same bytes without any of ours.
func alone() error {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	tink, err := aead.New(h)
	if err != nil {
		return err
	}
	clear, bound := []byte(text), make([]byte, 150)
	if err := measure("AES-GCM alone, seal", false, func() error { gcm.Seal(nil, nil, clear, bound); return nil }); err != nil {
		return err
	}
	sealed := gcm.Seal(nil, nil, clear, bound)
	if err := measure("AES-GCM alone, open", false, func() error { _, err := gcm.Open(nil, nil, sealed, bound); return err }); err != nil {
		return err
	}
	return measure("Tink's own primitive, seal", false, func() error { _, err := tink.Encrypt(clear, bound); return err })
}

const rows = 100_000

// rotation measures how long a roll takes to go under new keys.
func rotation(ctx context.Context, d *db.DB, k *keys.Keys) error {
	s := k.Sealer()
	begin := time.Now()
	err := d.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a benchmark")
		for i := range rows {
			id := fmt.Sprintf("voter-%09d", i)
			sealed, err := s.Seal(ctx, tx, licence.At(here, id), hide.New(fmt.Sprintf("D%08d", i)))
			if err != nil {
				return err
			}
			index, _, err := s.Index(ctx, &licence, here, hide.New(fmt.Sprintf("D%08d", i)))
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `
				insert into bench_voter (jurisdiction, id, subject, licence, licence_index)
				values ($1, $2, $2, $3, $4)`, here, id, sealed, index); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %8.2f s\n", fmt.Sprintf("write %d sealed rows with their index", rows), time.Since(begin).Seconds())
	if _, err := k.RotateData(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- k.Jobs.Run(ctx, k.Room().Jobs, nil) }()
	var first time.Time
	for ; ; time.Sleep(20 * time.Millisecond) {
		now, err := k.Status(ctx, here)
		if err != nil {
			return err
		}
		if seen, _, _ := now.Rotation.Sums(); seen > 0 && first.IsZero() {
			first = time.Now()
		}
		if !now.Rotation.Finished.IsZero() {
			fmt.Printf("%-44s %8.2f s\n", "put them under new keys, in batches", time.Since(first).Seconds())
			stop()
			return <-ended
		}
	}
}
