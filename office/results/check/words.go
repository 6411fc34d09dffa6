// SPDX-License-Identifier: Apache-2.0

package check

import "embed"

// Words are the sentences of all findings. Of each check there are, besides
// what it says: .title, a few words; .why, what it guards against; and .needs,
// what was missing where it did not run.
//
//go:embed words/*.json
var Words embed.FS
