// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// seeds are the reports in testdata, and a few odd ones.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	files, err := filepath.Glob("testdata/reports/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	var out [][]byte
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, txtar.Parse(raw).Files[0].Data)
	}
	return append(out, []byte(smallXML("windows-1252", "S\xf8ren")), []byte(asUTF16(smallXML("", "Ann"), true, true)), []byte(smallJSON(`\ud83d`)))
}

// FuzzReadReport: whatever comes in, reading ends in a report or an error
// within its limits. What can be written comes back the same.
func FuzzReadReport(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rep, problems, err := Read(bytes.NewReader(raw), Limits{Bytes: 1 << 20, Memory: 16 << 20, Problems: 50})
		if err != nil {
			return
		}
		if len(problems) > 51 {
			t.Fatalf("%d problems are listed, at most 51 may be", len(problems))
		}
		Check(rep)
		for name, write := range map[string]func(io.Writer, *ElectionReport) error{"JSON": WriteJSON, "XML": WriteXML} {
			var out bytes.Buffer
			var refusal *Refusal
			if err := write(&out, rep); errors.As(err, &refusal) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			back, _ := mustRead(t, out.Bytes())
			if diff := difference(rep, back); diff != "" {
				t.Fatalf("%s does not come back the same (-before +after):\n%s\n%s", name, diff, out.Bytes())
			}
		}
	})
}

// FuzzXMLScan: what encoding/xml reads without complaint, the scanner reads
// too, tag by tag and text by text.
func FuzzXMLScan(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Add([]byte("<a b='c&#9;d' x:y=\"&lt;\"><c/>t&amp;<![CDATA[<&>]]>\r\n</a >"))
	f.Add([]byte(`<a b="c"d="e"/>`)) // not XML, but encoding/xml takes it
	f.Fuzz(func(t *testing.T, raw []byte) {
		want, ok := tokensOf(raw)
		if !ok {
			return
		}
		got, err := scanned(raw)
		if err != nil {
			t.Fatalf("encoding/xml takes it, the scanner says: %v\n%q", err, raw)
		}
		if len(got) != len(want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("token %d: got %q, want %q", i, got[i], want[i])
			}
		}
	})
}

// tokensOf is what encoding/xml makes of a file, one string for each token,
// with neighbouring texts as one. It says no to files that the scanner need
// not take.
func tokensOf(raw []byte) ([]string, bool) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var out list
	roots, depth := 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out.tokens, roots == 1 && depth == 0 && balanced(raw)
		}
		if err != nil {
			return nil, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			out.add("<" + token.Name.Local)
			seen := map[xml.Name]bool{}
			for _, a := range token.Attr {
				if seen[a.Name] || len(seen) == 32 {
					return nil, false
				}
				seen[a.Name] = true
				if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" && a.Name.Space == "" {
					continue
				}
				out.add(a.Name.Local + "=" + attrSpaces(a.Value))
			}
		case xml.EndElement:
			depth--
			out.add("/" + token.Name.Local)
		case xml.CharData:
			if depth == 0 {
				if len(bytes.TrimSpace(token)) > 0 || bytes.Contains(raw, []byte("CDATA")) {
					return nil, false
				}
				continue
			}
			out.text(string(token))
		case xml.Directive:
			return nil, false
		}
	}
}

// balanced says whether encoding/xml is content with tags and namespaces.
func balanced(raw []byte) bool {
	if bytes.Count(raw, []byte("xmlns")) > 60 {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// attrSpaces does what XML asks for and encoding/xml leaves out: line ends in
// attributes become spaces. References such as &#10; cannot be told apart
// here, so both sides are compared without them.
func attrSpaces(s string) string {
	return string(bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, []byte(s)))
}

// scanned is what the scanner makes of a file.
func scanned(raw []byte) ([]string, error) {
	s := xmlScan{src: raw}
	var out list
	for {
		token, err := s.next()
		if err != nil {
			return nil, err
		}
		switch token {
		case xmlDone:
			return out.tokens, nil
		case xmlStart:
			out.add("<" + string(s.name))
			for _, a := range s.attrs {
				out.add(string(a.name) + "=" + attrSpaces(string(a.value)))
			}
		case xmlEnd:
			out.add("/" + string(s.name))
		case xmlText:
			out.text(string(s.text))
		}
	}
}

// list gathers tokens.
type list struct {
	tokens []string
	inText bool
}

func (l *list) add(s string) { l.tokens, l.inText = append(l.tokens, s), false }

func (l *list) text(s string) {
	if s == "" {
		return
	}
	if l.inText {
		l.tokens[len(l.tokens)-1] += s
		return
	}
	l.tokens, l.inText = append(l.tokens, "'"+s), true
}
