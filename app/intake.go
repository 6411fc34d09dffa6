// SPDX-License-Identifier: Apache-2.0

package app

import "hustings/office/intake"

// openIntake opens the room that takes applications to the roll.
func (h *House) openIntake() *intake.Intake {
	return intake.New(intake.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Jurisdiction: h.Config.Office.Jurisdiction, Sealer: h.Keys.Sealer()})
}
