// SPDX-License-Identifier: Apache-2.0

package letters

import "hustings/kit/web"

func (s *Letters) routes() []web.Route { return nil }
