// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/seal"
	"hustings/office/extract/list"
)

// pieceSize is how much of a file is sealed, and in memory, at once.
const pieceSize = 4 << 20

// aead opens and seals the pieces of one file. Each is bound to its extract and
// its place.
func aead(key string) (*seal.GCM, error) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return nil, err
	}
	return seal.NewGCM(raw)
}

func bound(extract string, number int64) []byte {
	return fmt.Appendf(nil, "hustings extract v1 %s %d", extract, number)
}

// keeper seals a file piece by piece into the blob store.
type keeper struct {
	*Extract
	ctx    context.Context
	id     string
	gcm    *seal.GCM
	buf    []byte
	number int64
}

func (s *Extract) newKeeper(ctx context.Context, one, key string) (*keeper, error) {
	gcm, err := aead(key)
	return &keeper{Extract: s, ctx: ctx, id: one, gcm: gcm, buf: make([]byte, 0, pieceSize)}, err
}

// Write implements io.Writer.
func (k *keeper) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		fits := min(len(p), pieceSize-len(k.buf))
		k.buf, p = append(k.buf, p[:fits]...), p[fits:]
		if len(k.buf) == pieceSize {
			if err := k.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (k *keeper) flush() error {
	sealed, err := k.gcm.Encrypt(k.buf, bound(k.id, k.number))
	if err != nil {
		return err
	}
	blob, err := k.Blobs.Put(k.ctx, sealed)
	if err != nil {
		return err
	}
	err = k.DB.Write(k.ctx, func(tx *db.Tx) error {
		tx.Silently("a piece of a file that is being made")
		return k.insertPiece(k.ctx, tx, k.id, k.number, blob)
	})
	k.buf = k.buf[:0]
	k.number++
	return err
}

// Close seals what is left.
func (k *keeper) Close() error {
	if len(k.buf) == 0 {
		return nil
	}
	return k.flush()
}

// clear puts away what is kept of an extract's file.
func (s *Extract) clear(ctx context.Context, one string) error {
	blobs, err := s.pieces(ctx, one)
	if err != nil {
		return err
	}
	for _, b := range blobs {
		if err := s.Blobs.Delete(ctx, b); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the pieces of a file that is none any more")
		return s.dropPieces(ctx, tx, one)
	})
}

// Fetch hands over the file of an extract, after having recorded that. begin is
// called once everything is known to be there.
func (s *Extract) Fetch(ctx context.Context, id string, public bool, begin func(One) io.Writer) error {
	one, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	if public != (one.Choices.List == list.Public) {
		return errNone
	}
	if one.State != Made || !s.Now().Before(one.Expires) {
		return fault.New(fault.Gone, "The file of this list is not kept any more, or not made yet. Ask for the list again.")
	}
	key, err := s.Sealer.Open(ctx, s.DB, secret.At(s.Jurisdiction, one.ID), one.secret)
	if err != nil {
		return err
	}
	gcm, err := aead(key.Reveal())
	if err != nil {
		return err
	}
	blobs, err := s.pieces(ctx, one.ID)
	if err != nil {
		return err
	}
	if err := ledger.Saw(ctx, s.DB, event.ExtractFetched{Extract: one.ID, Number: one.Number(), List: string(one.Choices.List)}); err != nil {
		return err
	}
	var out io.Writer
	for i, b := range blobs {
		sealed, err := s.Blobs.Get(ctx, b)
		if err != nil {
			return err
		}
		clear, err := gcm.Decrypt(sealed, bound(one.ID, int64(i)))
		if err != nil {
			return fault.Wrap(fault.Internal, err, "piece %d of the extract %s", i, one.ID)
		}
		if out == nil {
			out = begin(one)
		}
		if _, err := out.Write(clear); err != nil {
			return err
		}
	}
	return nil
}

// keepSecret seals the key of a file.
func (s *Extract) keepSecret(ctx context.Context, one, key string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		sealed, err := s.Sealer.Seal(ctx, tx, secret.At(s.Jurisdiction, one), hide.New(key))
		if err != nil {
			return err
		}
		tx.Silently("the key of a file that is about to be made")
		return s.setSecret(ctx, tx, one, sealed)
	})
}

// expire puts away the files whose time is over. Their key goes first: what
// somebody has copied of the pieces opens no more.
func (s *Extract) expire(ctx context.Context, w *job.Work) error {
	list, err := s.due(ctx, s.Now())
	if err != nil {
		return err
	}
	for i, one := range list {
		w.Progress(int64(i), int64(len(list)), "")
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Record(event.ExtractExpired{Extract: one.ID, Number: one.Number()})
			return s.markExpired(ctx, tx, one.ID)
		})
		if err != nil {
			return err
		}
	}
	gone, err := s.leftOver(ctx)
	if err != nil {
		return err
	}
	for _, one := range gone {
		if err := s.clear(ctx, one); err != nil {
			return err
		}
	}
	return nil
}
