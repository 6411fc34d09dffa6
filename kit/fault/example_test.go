// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"errors"
	"fmt"

	"hustings/kit/fault"
)

func Example() {
	cause := errors.New("open /srv/in/night.csv: permission denied")
	err := fmt.Errorf("upload: %w", fault.Wrap(fault.Invalid, cause, "the file %s could not be read", "night.csv"))

	fmt.Println(fault.KindOf(err))   // for the machine
	fmt.Println(fault.Sentence(err)) // for the person
	fmt.Println(err)                 // for the operator
	// Output:
	// invalid
	// the file night.csv could not be read
	// upload: the file night.csv could not be read: open /srv/in/night.csv: permission denied
}
