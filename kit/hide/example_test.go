// SPDX-License-Identifier: Apache-2.0

package hide_test

import (
	"fmt"

	"hustings/kit/hide"
)

func ExampleString() {
	voter := struct {
		Name    string
		Licence hide.String
	}{"Ann", hide.New("D1234567")}
	fmt.Printf("%+v\n", voter)
	fmt.Println(voter.Licence.Reveal())
	// Output:
	// {Name:Ann Licence:[hidden]}
	// D1234567
}
