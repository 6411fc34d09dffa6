// SPDX-License-Identifier: Apache-2.0

package e2e

import "github.com/chromedp/cdproto/runtime"

// awaited waits for the promise that a script returns.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
