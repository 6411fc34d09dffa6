// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/election"
	"hustings/office/definition"
)

// surveyor tells the registry the precincts of the newest locked definition.
type surveyor struct{ *definition.Definition }

// Newest is the definition of the latest election that has one locked, with its
// hash.
func (m surveyor) Newest(ctx context.Context) (*election.Definition, string, error) {
	list, err := m.Locked(ctx)
	if err != nil || len(list) == 0 {
		return nil, "", err
	}
	var newest *election.Definition
	hash := ""
	for _, b := range list {
		def, err := m.ByHash(ctx, b.Election, b.Hash)
		if err != nil {
			return nil, "", err
		}
		if newest == nil || def.Election.End >= newest.Election.End {
			newest, hash = def, b.Hash
		}
	}
	return newest, hash, nil
}
