// SPDX-License-Identifier: Apache-2.0

package access

import (
	"net/http"

	"hustings/kit/web"
	"hustings/kit/words"
)

func (s *Access) routes() []web.Route { return nil }

func roleName(p *words.Printer, r Role) string {
	if key := "access.role." + string(r); p.Has(key) {
		return p.T(key)
	}
	return string(r) // an office's own role has the name that the office gave it
}

var _ http.Handler
