// SPDX-License-Identifier: Apache-2.0

package registry

import "iter"

// inOrder does jobs side by side, as many as ahead and one more, and gives what
// they make in the order in which the jobs came. When it ends, no job runs any
// more, and jobs is not read.
func inOrder[T any](ahead int, jobs iter.Seq[func() T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		waiting, enough := make(chan chan T, ahead), make(chan struct{})
		go func() {
			defer close(waiting)
			for job := range jobs {
				made := make(chan T, 1)
				select {
				case waiting <- made:
					go func() { made <- job() }()
				case <-enough:
					return
				}
			}
		}()
		defer func() {
			close(enough)
			for made := range waiting {
				<-made
			}
		}()
		for made := range waiting {
			if !yield(<-made) {
				return
			}
		}
	}
}
