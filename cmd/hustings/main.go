// SPDX-License-Identifier: Apache-2.0

// Command hustings is everything an election office runs besides casting and
// counting votes. `hustings --help` lists what it does.
package main

import (
	"os"
	_ "time/tzdata" // closing times need zones on machines that have none

	"hustings/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) }
