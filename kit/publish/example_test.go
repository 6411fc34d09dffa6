// SPDX-License-Identifier: Apache-2.0

package publish_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"time"

	"hustings/kit/publish"
)

// A room publishes an edition, and voters read it.
func Example() {
	dir, _ := os.MkdirTemp("", "published")
	defer os.RemoveAll(dir)
	shelf, err := publish.Open(dir, publish.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shelf.Close()

	draft, _ := shelf.Begin("results/2026-11-03-general")
	draft.Put("index.html", []byte("<h1>Results</h1>"))
	draft.PutFile(publish.File{
		Path: "widget.html", Body: []byte("<p>12 of 40 precincts</p>"),
		Headers: map[string]string{"Content-Security-Policy": "frame-ancestors *"},
	})
	done, err := draft.Commit(context.Background(), publish.Pointer{
		At: time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC), Status: "unofficial-partial", NextPoll: 15,
	})
	fmt.Println(done.Version, done.Changed, err)

	w := httptest.NewRecorder()
	shelf.ServeHTTP(w, httptest.NewRequest("GET", "/results/2026-11-03-general/", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 1 2 <nil>
	// 200 <h1>Results</h1>
}
