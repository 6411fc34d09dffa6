// SPDX-License-Identifier: Apache-2.0

// Package web carries the built front end: style sheets and scripts under
// names that change with their content, so that caches may keep them for good.
//
// The sources are beside this file and are built by npm into dist, which is
// not part of the repository. A program that was compiled without them says so
// in one sentence when a page is first needed.
package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

//go:embed dist
var dist embed.FS

// errNotBuilt is what a program says that was compiled before the front end.
var errNotBuilt = errors.New("the front end is not built: run make build")

// front is the front end that this program was compiled with.
var front = &files{from: dist}

// files is a built front end and its manifest, which is read once.
type files struct {
	from  fs.FS
	once  sync.Once
	names map[string]string // by plain name, the hashed one
	err   error
}

// Asset returns a built file by its plain name, such as site.css: the path
// under which to serve it, assets/site-<hash>.css, and its bytes.
func Asset(name string) (path string, body []byte, err error) { return front.asset(name) }

func (f *files) asset(name string) (string, []byte, error) {
	f.once.Do(f.read)
	if f.err != nil {
		return "", nil, f.err
	}
	hashed, ok := f.names[name]
	if !ok {
		return "", nil, fmt.Errorf("the front end has no %s: run make build", name)
	}
	body, err := fs.ReadFile(f.from, path.Join("dist", hashed))
	if err != nil {
		return "", nil, fmt.Errorf("the front end is built in part only: run make build: %w", err)
	}
	return path.Join("assets", hashed), body, nil
}

func (f *files) read() {
	body, err := fs.ReadFile(f.from, "dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		f.err = errNotBuilt
		return
	}
	if err == nil {
		err = json.Unmarshal(body, &f.names)
	}
	if err != nil {
		f.err = fmt.Errorf("the front end's manifest cannot be read: run make build: %w", err)
	}
}
