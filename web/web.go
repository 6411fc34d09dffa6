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
	"sync"
)

//go:embed dist
var dist embed.FS

// errNotBuilt is what a program says that was compiled before the front end.
var errNotBuilt = errors.New("the front end is not built: run make build")

var manifest = sync.OnceValues(func() (map[string]string, error) { return readManifest(dist) })

func readManifest(from fs.FS) (map[string]string, error) {
	body, err := fs.ReadFile(from, "dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotBuilt
	}
	if err != nil {
		return nil, err
	}
	names := make(map[string]string)
	if err := json.Unmarshal(body, &names); err != nil {
		return nil, fmt.Errorf("web/dist/manifest.json: %w", err)
	}
	return names, nil
}

// Asset returns a built file by its plain name, such as site.css: the hashed
// name under which to serve it, and its bytes.
func Asset(name string) (path string, body []byte, err error) { return asset(dist, manifest, name) }

func asset(from fs.FS, names func() (map[string]string, error), name string) (string, []byte, error) {
	all, err := names()
	if err != nil {
		return "", nil, err
	}
	path, ok := all[name]
	if !ok {
		return "", nil, fmt.Errorf("the front end has no %s: run make build", name)
	}
	body, err := fs.ReadFile(from, "dist/"+path)
	if err != nil {
		return "", nil, fmt.Errorf("the front end is built in part only: run make build: %w", err)
	}
	return path, body, nil
}
