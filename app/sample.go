// SPDX-License-Identifier: Apache-2.0

package app

import (
	fake "hustings/fake/roll"
	"hustings/office/registry/roll"
)

// SampleVoter is a made-up voter as the roll keeps one.
func SampleVoter(p *fake.Person) roll.Voter { return voterOf(p) }
