// SPDX-License-Identifier: Apache-2.0

package site

import "embed"

// Words are the sentences of the public pages, for the house's catalog.
//
//go:embed words/*.json
var Words embed.FS
