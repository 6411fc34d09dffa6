// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/guard/keys/root"
	"hustings/kit/fault"
	"hustings/kit/seal"
)

// kekSize is the length of a key-encryption key: AES-256.
const kekSize = 32

// bound is what a wrapped key is bound to, each part after its length.
func bound(parts ...string) []byte {
	var b []byte
	for _, s := range parts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

func kekBound(jurisdiction, id string) []byte {
	return bound("hustings key-encryption key v1", jurisdiction, id)
}

func keyBound(jurisdiction string, d dataKey) []byte {
	return bound("hustings data key v1", jurisdiction, d.purpose, d.kind, strconv.FormatUint(uint64(d.number), 10))
}

// rooted lets Tink wrap keysets with the root key.
type rooted struct {
	root.Root
	id  string // the root key that wrapped
	err error  // what the root key said; Tink does not pass it on
}

// EncryptWithContext wraps with the newest root key.
func (r *rooted) EncryptWithContext(ctx context.Context, key, bound []byte) (wrapped []byte, err error) {
	r.id, wrapped, err = r.Wrap(ctx, key, bound)
	r.err = err
	return wrapped, err
}

// DecryptWithContext unwraps.
func (r *rooted) DecryptWithContext(ctx context.Context, wrapped, bound []byte) (key []byte, err error) {
	key, err = r.Unwrap(ctx, r.id, wrapped, bound)
	r.err = err
	return key, err
}

// newKEK is a key-encryption key of random bytes, or of those that were
// brought, and its fingerprint.
func newKEK(brought []byte) (h *keyset.Handle, id string, err error) {
	key := brought
	if key == nil {
		key = make([]byte, kekSize)
		rand.Read(key)
	}
	params, err := aesgcm.NewParameters(aesgcm.ParametersOpts{KeySizeInBytes: kekSize, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantNoPrefix})
	if err != nil {
		return nil, "", err
	}
	one, err := aesgcm.NewKey(secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{}), 0, params)
	if err != nil {
		return nil, "", err
	}
	m := keyset.NewManager()
	number, err := m.AddKey(one)
	if err != nil {
		return nil, "", err
	}
	if err := m.SetPrimary(number); err != nil {
		return nil, "", err
	}
	h, err = m.Handle()
	return h, root.Fingerprint(key), err
}

// wrapKEK wraps a key-encryption key with the root key, and gives that one's id.
func wrapKEK(ctx context.Context, r root.Root, h *keyset.Handle, jurisdiction, id string) (by string, wrapped []byte, err error) {
	var b bytes.Buffer
	with := &rooted{Root: r}
	err = h.WriteWithContext(ctx, keyset.NewBinaryWriter(&b), with, kekBound(jurisdiction, id))
	if with.err != nil {
		return "", nil, with.err
	}
	return with.id, b.Bytes(), err
}

// unwrapKEK opens a key-encryption key with the root key that wrapped it.
func unwrapKEK(ctx context.Context, r root.Root, k kek) (*keyset.Handle, error) {
	by := &rooted{Root: r, id: k.root}
	h, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(k.wrapped)), by, kekBound(k.jurisdiction, k.id))
	if by.err != nil {
		return nil, by.err
	}
	if err != nil {
		return nil, damagedKEK(k)
	}
	return h, nil
}

// damagedKEK and damagedKey are the same whatever the reason is.
func damagedKEK(k kek) error {
	return fault.New(fault.Invalid, "The key-encryption key %s of %s does not open: the row that holds it is damaged, or was moved. Put the database back from a backup. Nothing was changed.", k.id, k.jurisdiction)
}

func damagedKey(purpose, jurisdiction string) error {
	return fault.New(fault.Invalid, "A data key of %s for %s does not open: the row that holds it is damaged, or was moved. Put the database back from a backup. Nothing was changed.", jurisdiction, purpose)
}

// raw is the bytes of the one AES key of a handle.
func raw(h *keyset.Handle) ([]byte, error) {
	e, err := h.Primary()
	if err != nil {
		return nil, err
	}
	one, ok := e.Key().(*aesgcm.Key)
	if !ok {
		return nil, fmt.Errorf("keys: a %T is no key of AES-GCM", e.Key())
	}
	return one.KeyBytes().Data(insecuresecretdataaccess.Token{}), nil
}

// wrapper is a key-encryption key ready for use.
func wrapper(h *keyset.Handle) (tink.AEAD, error) {
	b, err := raw(h)
	if err != nil {
		return nil, err
	}
	return seal.NewGCM(b)
}

// The kinds of data keys.
const (
	sealKind  = "seal"
	indexKind = "index"
)

// dataKey is a row of keys_key.
type dataKey struct {
	purpose, kind string
	number        uint32
	kek, state    string
	wrapped       []byte
}

// newDataKey makes a data key and wraps it.
func newDataKey(by tink.AEAD, jurisdiction, purpose, kind, kek string) (dataKey, error) {
	template := aead.AES256GCMKeyTemplate()
	if kind == indexKind {
		template = prf.HMACSHA256PRFKeyTemplate()
	}
	h, err := keyset.NewHandle(template)
	if err != nil {
		return dataKey{}, err
	}
	d := dataKey{purpose: purpose, kind: kind, number: h.KeysetInfo().GetPrimaryKeyId(), kek: kek, state: "current"}
	return d, d.wrap(by, h, jurisdiction)
}

func (d *dataKey) wrap(by tink.AEAD, h *keyset.Handle, jurisdiction string) error {
	var b bytes.Buffer
	err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), by, keyBound(jurisdiction, *d))
	d.wrapped = b.Bytes()
	return err
}

func (d *dataKey) unwrap(by tink.AEAD, jurisdiction string) (*keyset.Handle, error) {
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(d.wrapped)), by, keyBound(jurisdiction, *d))
	if err != nil || h.Len() != 1 || h.KeysetInfo().GetPrimaryKeyId() != d.number {
		return nil, damagedKey(d.purpose, jurisdiction)
	}
	return h, nil
}
