// SPDX-License-Identifier: Apache-2.0

package web

import "embed"

// Sentences are what this package itself says.
//
//go:embed words/*.json
var Sentences embed.FS
