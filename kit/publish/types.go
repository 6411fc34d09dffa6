// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"path"
	"strings"
)

// typeOf is the content type for a path. The list is our own: the machine's
// MIME table differs from one system to the next, and an edition must be the
// same everywhere.
func typeOf(name string) string {
	if t, ok := types[strings.ToLower(path.Ext(name))]; ok {
		return t.name
	}
	return "application/octet-stream"
}

type mediaType struct {
	name    string
	shrinks bool
}

var types = map[string]mediaType{
	".html":        {"text/html; charset=utf-8", true},
	".htm":         {"text/html; charset=utf-8", true},
	".css":         {"text/css; charset=utf-8", true},
	".js":          {"text/javascript; charset=utf-8", true},
	".mjs":         {"text/javascript; charset=utf-8", true},
	".txt":         {"text/plain; charset=utf-8", true},
	".md":          {"text/markdown; charset=utf-8", true},
	".csv":         {"text/csv; charset=utf-8", true},
	".tsv":         {"text/tab-separated-values; charset=utf-8", true},
	".ics":         {"text/calendar; charset=utf-8", true},
	".vtt":         {"text/vtt; charset=utf-8", true},
	".json":        {"application/json", true},
	".geojson":     {"application/geo+json", true},
	".topojson":    {"application/json", true},
	".jsonl":       {"application/jsonl", true},
	".map":         {"application/json", true},
	".webmanifest": {"application/manifest+json", true},
	".xml":         {"application/xml; charset=utf-8", true},
	".xsd":         {"application/xml; charset=utf-8", true},
	".atom":        {"application/atom+xml; charset=utf-8", true},
	".rss":         {"application/rss+xml; charset=utf-8", true},
	".svg":         {"image/svg+xml", true},
	".ico":         {"image/x-icon", true},
	".wasm":        {"application/wasm", true},
	".ttf":         {"font/ttf", true},
	".otf":         {"font/otf", true},
	".pbf":         {"application/x-protobuf", true},
	".parquet":     {"application/vnd.apache.parquet", false},
	".png":         {"image/png", false},
	".jpg":         {"image/jpeg", false},
	".jpeg":        {"image/jpeg", false},
	".gif":         {"image/gif", false},
	".webp":        {"image/webp", false},
	".avif":        {"image/avif", false},
	".woff":        {"font/woff", false},
	".woff2":       {"font/woff2", false},
	".pdf":         {"application/pdf", false},
	".zip":         {"application/zip", false},
	".gz":          {"application/gzip", false},
	".xlsx":        {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
	".mp3":         {"audio/mpeg", false},
	".mp4":         {"video/mp4", false},
	".webm":        {"video/webm", false},
}

// shrinks says whether bodies of a content type are worth packing.
func shrinks(contentType string) bool {
	name, _, _ := strings.Cut(contentType, ";")
	name = strings.TrimSpace(strings.ToLower(name))
	return shrinking[name] || strings.HasPrefix(name, "text/") || strings.HasSuffix(name, "+json") || strings.HasSuffix(name, "+xml")
}

// shrinking holds the types of the list above that shrink.
var shrinking = func() map[string]bool {
	all := map[string]bool{}
	for _, t := range types {
		name, _, _ := strings.Cut(t.name, ";")
		all[name] = t.shrinks
	}
	return all
}()
