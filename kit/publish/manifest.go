// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/textproto"
	"strconv"
	"strings"

	"hustings/kit/fault"
)

// A manifest is text, one line a file, so that anyone can read it with the
// plainest tools:
//
//	hustings edition 1
//	{"site":"results/x","version":12,"pointer":{…},"kinds":[{"type":"text/html; charset=utf-8"}]}
//	path <tab> sha256 <tab> bytes <tab> kind <tab> pack <tab> offset <tab> raw <tab> gzip <tab> brotli <tab> crc32c
//	end <tab> number of files <tab> sha256 of all lines above
//
// kind counts into kinds; pack is the edition whose pack holds the body; raw,
// gzip and brotli are the lengths of the stored forms, which follow each other
// from offset on; crc32c covers the three.
const manifestHead = "hustings edition 1"

// Cache says how long caches may keep a file.
type Cache string

// The cache policies. Archived editions are always kept Forever, whatever a
// file says.
const (
	Short   Cache = ""        // a few seconds: the page changes with the next edition
	Forever Cache = "forever" // its path changes whenever its content does, as with app.3f9a2c.css
)

// kind is what many files have in common.
type kind struct {
	Type    string            `json:"type"`
	Cache   Cache             `json:"cache,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
}

// place is where a body lies.
type place struct {
	pack        int64 // the edition that brought it
	off         int64
	raw, gz, br int64 // lengths; 0 for a form that is not stored
	crc         uint32
}

func (p place) size() int64 { return p.raw + p.gz + p.br }

// entry is one file of an edition.
type entry struct {
	path string
	sum  [sha256.Size]byte // of the plain body
	size int64             // of the plain body
	kind int
	at   place
}

// manifest lists the files of an edition, sorted by path.
type manifest struct {
	Site    string  `json:"site"`
	Version int64   `json:"version"`
	Pointer Pointer `json:"pointer"`
	Kinds   []kind  `json:"kinds"`
	files   []entry
}

// sumText is base64 without padding: shorter than hex in 6,400 lines.
var sumText = base64.RawURLEncoding

func (m *manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(1024 + 128*len(m.files))
	b.WriteString(manifestHead + "\n")
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	line := make([]byte, 0, 2048)
	for i := range m.files {
		line = m.files[i].appendTo(line[:0])
		b.Write(line)
	}
	sum := sha256.Sum256(b.Bytes())
	b.WriteString("end\t" + strconv.Itoa(len(m.files)) + "\t" + sumText.EncodeToString(sum[:]) + "\n")
	return b.Bytes(), nil
}

func (e *entry) appendTo(b []byte) []byte {
	b = append(b, e.path...)
	b = append(b, '\t')
	b = sumText.AppendEncode(b, e.sum[:])
	for _, n := range []int64{e.size, int64(e.kind), e.at.pack, e.at.off, e.at.raw, e.at.gz, e.at.br} {
		b = append(b, '\t')
		b = strconv.AppendInt(b, n, 10)
	}
	b = append(b, '\t')
	b = strconv.AppendUint(b, uint64(e.at.crc), 16)
	return append(b, '\n')
}

// readManifest reads what encode wrote. Anything else is an error that names
// the line; it never panics and takes memory in proportion to its input.
func readManifest(data []byte) (*manifest, error) {
	if len(data) > maxManifest {
		return nil, fault.New(fault.Invalid, "the manifest is larger than %d bytes", maxManifest)
	}
	body, count, err := checkEnd(data)
	if err != nil {
		return nil, err
	}
	head, rest, _ := strings.Cut(body, "\n")
	if head != manifestHead {
		return nil, fault.New(fault.Invalid, "line 1: the manifest starts with %.40q, not %q", head, manifestHead)
	}
	about, rest, _ := strings.Cut(rest, "\n")
	m, err := readAbout(about)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "line 2: the description of the edition cannot be read")
	}
	m.files = make([]entry, 0, count)
	for n := 3; rest != ""; n++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		e, err := readEntry(line)
		if err == nil {
			err = m.add(e)
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "line %d", n)
		}
	}
	if len(m.files) != count {
		return nil, fault.New(fault.Invalid, "the manifest lists %d files and ends with the count %d", len(m.files), count)
	}
	return m, nil
}

// checkEnd checks the last line and returns the lines above it. Their number
// bounds the count, so a false count cannot ask for memory.
func checkEnd(data []byte) (body string, count int, err error) {
	torn := fault.New(fault.Invalid, "the manifest is torn: its last line with count and checksum is missing")
	if len(data) == 0 || data[len(data)-1] != '\n' {
		return "", 0, torn
	}
	start := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	fields := strings.Split(string(data[start:len(data)-1]), "\t")
	if len(fields) != 3 || fields[0] != "end" {
		return "", 0, torn
	}
	count, err = strconv.Atoi(fields[1])
	if err != nil || count < 0 || count > maxFiles || count > bytes.Count(data[:start], []byte("\n")) {
		return "", 0, torn
	}
	sum := sha256.Sum256(data[:start])
	if fields[2] != sumText.EncodeToString(sum[:]) {
		return "", 0, fault.New(fault.Invalid, "the manifest does not match the checksum in its last line")
	}
	return string(data[:start]), count, nil
}

func readAbout(line string) (*manifest, error) {
	var m manifest
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return nil, err
	}
	if err := checkSite(m.Site); err != nil {
		return nil, err
	}
	if m.Version < 1 || m.Pointer.Version != m.Version {
		return nil, fault.New(fault.Invalid, "the version %d and the pointer's version %d must be the same, and at least 1", m.Version, m.Pointer.Version)
	}
	if len(m.Kinds) > maxKinds {
		return nil, fault.New(fault.Invalid, "more than %d kinds", maxKinds)
	}
	for _, k := range m.Kinds {
		if err := k.check(); err != nil {
			return nil, err
		}
	}
	return &m, nil
}

// check refuses headers that would break the response or contradict it.
func (k kind) check() error {
	if k.Type == "" || !plainHeaderValue(k.Type) {
		return fault.New(fault.Invalid, "the content type %q is empty or holds a control character", k.Type)
	}
	if k.Cache != Short && k.Cache != Forever {
		return fault.New(fault.Invalid, "unknown cache policy %q; use %q or nothing", k.Cache, Forever)
	}
	for name, value := range k.Headers {
		if textproto.CanonicalMIMEHeaderKey(name) != name || !token(name) {
			return fault.New(fault.Invalid, "%q is not a header name in its usual spelling", name)
		}
		if ours[name] {
			return fault.New(fault.Invalid, "the header %s is set by the shelf itself", name)
		}
		if !plainHeaderValue(value) {
			return fault.New(fault.Invalid, "the value of the header %s holds a control character", name)
		}
	}
	return nil
}

// ours are the headers that belong to how a body is stored and sent.
var ours = map[string]bool{
	"Accept-Ranges": true, "Cache-Control": true, "Connection": true, "Content-Encoding": true,
	"Content-Length": true, "Content-Range": true, "Content-Type": true, "Date": true, "Etag": true,
	"Last-Modified": true, "Location": true, "Set-Cookie": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "Vary": true,
}

// token is RFC 9110's token, which header names are.
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func plainHeaderValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func readEntry(line string) (e entry, err error) {
	var ok bool
	if e.path, line, ok = strings.Cut(line, "\t"); !ok {
		return e, errFields
	}
	if err := checkPath(e.path); err != nil {
		return e, err
	}
	sum, line, ok := strings.Cut(line, "\t")
	if !ok {
		return e, errFields
	}
	if n, err := sumText.Strict().Decode(e.sum[:], []byte(sum[:min(len(sum), sumLen)])); err != nil || n != len(e.sum) || len(sum) != sumLen {
		return e, fault.New(fault.Invalid, "%q: the checksum %.60q is not a sha256", e.path, sum)
	}
	var numbers [7]int64
	for i := range numbers {
		var text string
		if text, line, ok = strings.Cut(line, "\t"); !ok {
			return e, errFields
		}
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || len(text) > 1 && text[0] == '0' {
			return e, fault.New(fault.Invalid, "%q: %.40q is not a number", e.path, text)
		}
		numbers[i] = int64(n)
	}
	crc, err := strconv.ParseUint(line, 16, 32)
	if err != nil || strconv.FormatUint(crc, 16) != line {
		return e, fault.New(fault.Invalid, "%q: %.40q is not a CRC-32", e.path, line)
	}
	e.size, e.kind = numbers[0], int(min(numbers[1], math.MaxInt32))
	e.at = place{pack: numbers[2], off: numbers[3], raw: numbers[4], gz: numbers[5], br: numbers[6], crc: uint32(crc)}
	return e, e.check()
}

const sumLen = 43 // base64 of 32 bytes

var errFields = fault.New(fault.Invalid, "a file's line has ten fields with tabs between them")

func (e *entry) check() error {
	at := e.at
	switch {
	case at.pack < 1:
		return fault.New(fault.Invalid, "%q: packs are numbered from 1", e.path)
	case e.size > maxBody || at.raw > maxBody || at.gz > maxBody || at.br > maxBody || at.off > math.MaxInt64-3*maxBody:
		return fault.New(fault.Invalid, "%q: larger than %d bytes", e.path, maxBody)
	case at.raw != 0 && at.raw != e.size, at.raw == 0 && at.gz == 0 && e.size != 0:
		return fault.New(fault.Invalid, "%q: the plain body is neither stored nor packed", e.path)
	case at.br != 0 && at.gz == 0:
		return fault.New(fault.Invalid, "%q: there is brotli without gzip", e.path)
	}
	return nil
}

func (m *manifest) add(e entry) error {
	if e.kind >= len(m.Kinds) {
		return fault.New(fault.Invalid, "%q: there is no kind %d", e.path, e.kind)
	}
	if e.at.pack > m.Version {
		return fault.New(fault.Invalid, "%q: the pack %d is newer than this edition", e.path, e.at.pack)
	}
	if n := len(m.files); n > 0 && m.files[n-1].path >= e.path {
		return fault.New(fault.Invalid, "%q: paths must be sorted and differ", e.path)
	}
	m.files = append(m.files, e)
	return nil
}

// checkFolders refuses a file that would have to be a folder as well, which no
// static host could hold. Paths are sorted, but "a-b" sorts between "a" and
// "a/b", so neighbours are not enough.
func (m *manifest) checkFolders() error {
	have := make(map[string]struct{}, len(m.files))
	for i := range m.files {
		have[m.files[i].path] = struct{}{}
	}
	for i := range m.files {
		p := m.files[i].path
		for cut := strings.LastIndexByte(p, '/'); cut > 0; cut = strings.LastIndexByte(p[:cut], '/') {
			if _, both := have[p[:cut]]; both {
				return fault.New(fault.Invalid, "%q is a file, so %q cannot lie inside it", p[:cut], p)
			}
		}
	}
	return nil
}
