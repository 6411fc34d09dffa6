// SPDX-License-Identifier: Apache-2.0

package upkeep

import "hustings/kit/web"

func (s *Upkeep) routes() []web.Route { return nil }
