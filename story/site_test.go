// SPDX-License-Identifier: Apache-2.0

package story

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// siteCommands look at a folder of pages:
//
//	links DIR                every link of every page leads to a file in it
//	count TEXT FILE N        the file has the text so often
var siteCommands = map[string]func(*testscript.TestScript, bool, []string){
	"links": func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: links DIR")
		}
		n, err := deadLinks(ts.MkAbs(args[0]))
		ts.Check(err)
		ts.Logf("%d links", n)
	},
	"count": func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 3 {
			ts.Fatalf("usage: count TEXT FILE N")
		}
		if n := strings.Count(ts.ReadFile(args[1]), args[0]); fmt.Sprint(n) != args[2] {
			ts.Fatalf("%s has %q %d times, want %s", args[1], args[0], n, args[2])
		}
	},
}

var link = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// deadLinks follows every link of every page. All must be relative, so that the
// folder can stand anywhere, and lead to a file that is there.
func deadLinks(dir string) (n int, err error) {
	files := make(map[string]bool)
	var pages []string
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			files[filepath.ToSlash(rel)] = true
			if path.Ext(p) == ".html" {
				pages = append(pages, filepath.ToSlash(rel))
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	checked := make(map[[2]string]bool)
	for _, page := range pages {
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(page)))
		if err != nil {
			return n, err
		}
		for _, m := range link.FindAllStringSubmatch(string(body), -1) {
			n++
			to, _, _ := strings.Cut(m[1], "#")
			key := [2]string{path.Dir(page), to}
			if to == "" || checked[key] || path.Base(page) == "404.html" {
				continue // the page of what is not there may be shown at any depth
			}
			checked[key] = true
			if strings.Contains(to, ":") || strings.HasPrefix(to, "/") {
				return n, fmt.Errorf("%s links to %s, which is not relative", page, m[1])
			}
			if !files[path.Join(path.Dir(page), to)] {
				return n, fmt.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
	if n == 0 {
		return n, fmt.Errorf("%s has no page with a link", dir)
	}
	return n, nil
}
