// SPDX-License-Identifier: Apache-2.0

package eavs

import (
	"io"

	"hustings/format/sheet"
)

// Place is the jurisdiction that answers, as the commission's table has it.
type Place struct{ FIPS, Name, State, Abbr string }

// Write writes the answers in the layout of the commission's data: a row for
// the jurisdiction, its codes as columns, -99 and -88 as they are, and what
// nobody has answered left blank.
func (b *Book) Write(w io.Writer, p Place, year string, a Answers) error {
	header := []string{"FIPSCode", "Jurisdiction_Name", "State_Full", "State_Abbr"}
	row := []string{p.FIPS, p.Name, p.State, p.Abbr}
	for _, i := range b.Of(year) {
		answer, ok := a[i.Concept]
		if !ok {
			answer.Kind = NotAsked
		}
		header, row = append(header, i.Codes[b.Mapped(year)]), append(row, answer.String())
	}
	out, err := sheet.NewWriter(w, header, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	if err := out.Write(row...); err != nil {
		return err
	}
	return out.Close()
}
