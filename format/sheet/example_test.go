// SPDX-License-Identifier: Apache-2.0

package sheet_test

import (
	"fmt"
	"os"
	"strings"

	"hustings/format/sheet"
)

func ExampleOpen() {
	t, err := sheet.Open("night.csv", strings.NewReader("Precinct;Total Votes\nOak, 1st ward;1,204\nElm;\nAsh;12.5\n"), sheet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	precinct, votes := t.Col("precinct"), t.Col("votes", "total_votes")
	for row, err := range t.Rows() {
		if err != nil {
			fmt.Println(err)
			return
		}
		n, err := sheet.ParseCount(row.Cell(votes))
		if err != nil {
			fmt.Printf("line %d: %v\n", row.Line, err)
			continue
		}
		fmt.Println(row.Cell(precinct), n.Known(), n.N)
	}
	// Output:
	// Oak, 1st ward true 1204
	// Elm false 0
	// line 4: "12.5" is not a whole number
}

func ExampleNewWriter() {
	w, err := sheet.NewWriter(os.Stdout, []string{"name", "votes"}, sheet.Style{Guard: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	w.Write("=HYPERLINK(\"http://bad.example\")", "3")
	w.Write("Ann Smith, Jr.", "-")
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// name,votes
	// "'=HYPERLINK(""http://bad.example"")",3
	// "Ann Smith, Jr.",-
}

func ExampleSnake() {
	fmt.Println(sheet.Snake("  % Early Voting (2026) "))
	// Output: early_voting_2026
}
