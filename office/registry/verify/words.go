// SPDX-License-Identifier: Apache-2.0

package verify

import "embed"

// Words are the sentences for steps (registry.verify.step.…) and reasons
// (registry.verify.reason.…), and the faults.
//
//go:embed words/*.json
var Words embed.FS
