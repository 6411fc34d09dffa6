// SPDX-License-Identifier: Apache-2.0

//go:build !pkcs11

package root

import (
	"net/url"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

func openToken(*url.URL, hide.String, bool) (Root, error) {
	return nil, fault.New(fault.Invalid, "This build of the program cannot use a hardware token; take the one that was built with `-tags pkcs11`.")
}
