// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"net/http"
	"time"

	"hustings/kit/web"
)

const envelopeLife = time.Hour

// Banner is what stands above every page of the office: that this is a
// rehearsal.
func (s *Identity) Banner(r *http.Request) string {
	if s.Rehearsal {
		return web.T(r.Context(), "identity.rehearsal")
	}
	return ""
}
