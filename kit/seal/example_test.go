// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/seal"
)

// one is a house with a single key. The real one is guard/keys.
type one struct{ ring *seal.Ring }

func (o one) Ring(context.Context, string, string, uint32) (*seal.Ring, error) { return o.ring, nil }

func (o one) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return o.ring.AEAD, nil
}

func ExampleSealer() {
	ring := seal.NewRing()
	if err := ring.Add(1, bytes.Repeat([]byte{1}, 32)); err != nil {
		panic(err)
	}
	sealer := &seal.Sealer{Keys: one{&seal.Ring{AEAD: ring, Newest: 1}}}

	// In the room's own file, once; and in its manifest under Sealed.
	licence := seal.Column{Table: "registry_voter", Name: "licence", Key: []string{"id"}, Purpose: "registry.licence"}

	ctx, vale := context.Background(), "ocd-division/country:us/state:xx/county:vale"
	sealed, err := sealer.Seal(ctx, nil, licence.At(vale, "voter-1"), hide.New("D1234567"))
	fmt.Println(len(sealed), err, bytes.Contains(sealed, []byte("D123")))

	text, err := sealer.Open(ctx, nil, licence.At(vale, "voter-1"), sealed)
	fmt.Println(text, text.Reveal(), err)

	_, err = sealer.Open(ctx, nil, licence.At(vale, "voter-2"), sealed)
	fmt.Println(errors.Is(err, seal.ErrUnreadable))
	// Output:
	// 41 <nil> false
	// [hidden] D1234567 <nil>
	// true
}
