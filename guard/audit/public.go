// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/tessera/api/layout"

	"hustings/kit/fault"
	"hustings/kit/web"
)

// PublicRoutes serve the log's files as C2SP tlog-tiles has them, from their
// folder alone: a node that has no database can serve them as well.
func PublicRoutes(folder string) []web.Route {
	at := files(folder)
	return []web.Route{
		{Pattern: "GET /log/checkpoint", Needs: web.Public, Door: web.PublicDoor, Do: at.checkpoint},
		{Pattern: "GET /log/tile/entries/{index...}", Needs: web.Public, Door: web.PublicDoor, Do: at.entries},
		{Pattern: "GET /log/tile/{level}/{index...}", Needs: web.Public, Door: web.PublicDoor, Do: at.tile},
	}
}

// files is the folder of the log.
type files string

// How long caches may keep a file. A full tile never changes; a partial one
// neither, but it goes away some time after the full one has come.
const (
	forever = "public, max-age=31536000, immutable"
	aWhile  = "public, max-age=60"
	briefly = "public, max-age=1"
)

func (f files) checkpoint(w http.ResponseWriter, r *http.Request) error {
	return f.send(w, r, layout.CheckpointPath, "text/plain; charset=utf-8", briefly)
}

func (f files) entries(w http.ResponseWriter, r *http.Request) error {
	index, p, err := layout.ParseTileIndexPartial(r.PathValue("index"))
	if err != nil {
		return missing()
	}
	return f.sendTile(w, r, layout.EntriesPath(index, p), layout.EntriesPath(index, 0), p)
}

func (f files) tile(w http.ResponseWriter, r *http.Request) error {
	level, index, p, err := layout.ParseTileLevelIndexPartial(r.PathValue("level"), r.PathValue("index"))
	if err != nil {
		return missing()
	}
	return f.sendTile(w, r, layout.TilePath(level, index, p), layout.TilePath(level, index, 0), p)
}

// sendTile sends a tile under the one name that it has.
func (f files) sendTile(w http.ResponseWriter, r *http.Request, name, full string, p uint8) error {
	if !strings.HasSuffix(r.URL.Path, "/"+name) {
		return missing()
	}
	if p == 0 {
		return f.send(w, r, full, "application/octet-stream", forever)
	}
	return f.send(w, r, name, "application/octet-stream", aWhile)
}

func missing() error { return fault.New(fault.NotFound, "There is no such file in the log.") }

// send sends a file. Its name was put together by us, never by who asks.
func (f files) send(w http.ResponseWriter, r *http.Request, name, kind, cache string) error {
	file, err := os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return missing()
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return missing()
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", cache)
	h.Set("Access-Control-Allow-Origin", "*") // anyone's page may check us
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}
