// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// walk writes down what XML finds, text joined together.
func walk(r io.Reader) (found []string, err error) {
	x := NewXML(r)
	text := ""
	flush := func() {
		if text != "" {
			found = append(found, fmt.Sprintf("%q", text))
		}
		text = ""
	}
	for {
		piece, err := x.Next()
		if err != nil {
			if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return found, nil
			}
			return found, err
		}
		switch piece {
		case Chars:
			text += string(x.Chars())
			continue
		case End:
			flush()
			found = append(found, "end")
		case Start:
			flush()
			s := string(x.Name())
			for _, a := range x.attrs {
				s += fmt.Sprintf(" %s=%q", local(a.name), a.value)
			}
			found = append(found, s)
		}
	}
}

// walkTheirs does the same with encoding/xml.
func walkTheirs(r io.Reader) (found []string, err error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	text, depth := "", 0
	flush := func() {
		if text != "" && depth > 0 {
			found = append(found, fmt.Sprintf("%q", text))
		}
		text = ""
	}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text += string(tok)
		case xml.StartElement:
			flush()
			depth++
			s := tok.Name.Local
			for _, a := range tok.Attr {
				s += fmt.Sprintf(" %s=%q", a.Name.Local, a.Value)
			}
			found = append(found, s)
		case xml.EndElement:
			flush()
			depth--
			found = append(found, "end")
		}
	}
}

func TestXML(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
		err      string
	}{
		{"elements, attributes and text", `<?xml version="1.0"?><a x="1" y='"2"'>t<b/>u</a>`, []string{`a x="1" y="\"2\""`, `"t"`, "b", "end", `"u"`, "end"}, ""},
		{"prefixes", `<p:a xmlns:p="u" p:b="1"></p:a>`, []string{`a p="u" b="1"`, "end"}, ""},
		{"entities", `<a b="&lt;&#65;&#x42;">&amp;&quot;&apos;&gt;</a>`, []string{`a b="<AB"`, `"&\"'>"`, "end"}, ""},
		{"comments, instructions and marked text", "<!-- <x> --><a><!-- - --><?p >?>1<![CDATA[<&>]]>2</a><!-- end -->\n", []string{"a", `"1<&>2"`, "end"}, ""},
		{"line ends", "<a>1\r\n2\r3</a>", []string{"a", `"1\n2\n3"`, "end"}, ""},
		{"a > in an attribute", `<a b=">"/>`, []string{`a b=">"`, "end"}, ""},
		{"spaces in tags", "<a\n b = '1' ></a >", []string{`a b="1"`, "end"}, ""},
		{"a byte order mark", "\ufeff<a/>", []string{"a", "end"}, ""},

		{"nothing", "", nil, ""},
		{"an element that is not closed", "<a><b></b>", []string{"a", "b", "end"}, "unexpected EOF"},
		{"a tag that is cut", "<a><b c='", []string{"a"}, "unexpected EOF"},
		{"a wrong end", "<a></b>", []string{"a"}, "the element <a> is closed by </b>"},
		{"an end too many", "<a/></a>", []string{"a", "end"}, "</a> closes an element that is not open"},
		{"two outermost elements", "<a/><b/>", []string{"a", "end"}, "a second outermost element, b, follows the first"},
		{"text outside", "<a/>x", []string{"a", "end"}, `the text "x" stands outside of any element`},
		{"an attribute without quotes", "<a b=1/>", nil, "the value of the attribute b is not in quotes"},
		{"an attribute without a value", "<a b/>", nil, "the attribute b has no value"},
		{"attributes without a space", `<a b="1"c="2"/>`, nil, `"c=\"2\"" is not an attribute`},
		{"a < in a tag", "<a <b>", nil, "a < stands inside of a tag"},
		{"a < in an attribute", `<a b="<"/>`, nil, "a < stands in the value of the attribute b"},
		{"an unknown entity", "<a>&nbsp;</a>", []string{"a"}, "the entity &nbsp; is not known"},
		{"an & alone", "<a>AT&T</a>", []string{"a"}, "an & is not followed by the name of an entity and a semicolon"},
		{"the character zero", "<a>&#0;</a>", []string{"a"}, "the entity &#0; is not known"},
		{"half a letter", "<a>\xc3</a>", []string{"a"}, "the text is not UTF-8"},
		{"a control character", "<a>\x01</a>", []string{"a"}, "the character U+0001 cannot stand in XML"},
		{"a document type", "<!DOCTYPE a><a/>", nil, "the file has a document type definition (<!DOCTYPE>), which is not accepted because entities can be used to do harm; remove it"},
		{"a number as a name", "<1/>", nil, "<1 is not the start of an element"},
		{"too deep", strings.Repeat("<a>", 65), nil, "the elements are nested more than 64 deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := walk(strings.NewReader(tt.in))
			if tt.name == "too deep" {
				got = nil
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if said := fmt.Sprint(err); tt.err == "" && err != nil || tt.err != "" && said != tt.err {
				t.Errorf("got %v, want %s", err, tt.err)
			}
			slow, slowErr := walk(oneByte{strings.NewReader(tt.in)})
			if tt.name != "too deep" && (!cmp.Equal(got, slow) || fmt.Sprint(err) != fmt.Sprint(slowErr)) {
				t.Errorf("in small reads it gives %q and %v", slow, slowErr)
			}
		})
	}
}

func TestXMLKnowsItsLines(t *testing.T) {
	x := NewXML(strings.NewReader("<?xml version=\"1.0\"?>\n<!--\n\n-->\n<a>\n  <b\n c='1'/><c/></a>"))
	var got []string
	for {
		piece, err := x.Next()
		if err != nil {
			break
		}
		if piece == Start {
			got = append(got, fmt.Sprint(string(x.Name()), x.Line()))
		}
	}
	if d := cmp.Diff([]string{"a5", "b6", "c7"}, got); d != "" {
		t.Error(d)
	}
}

func TestXMLStopsAtAPieceThatIsTooLarge(t *testing.T) {
	for name, in := range map[string]string{"text": "<a>", "a tag": "<a b='", "a comment": "<!--", "a name": "<a"} {
		src := &endless{piece: "x"}
		_, err := walk(io.MultiReader(strings.NewReader(in), src))
		if err == nil || err.Error() != "a single text or element is larger than 8 MiB" || src.given > 3*maxXMLToken {
			t.Errorf("%s: got %v after %d bytes", name, err, src.given)
		}
	}
}

// What both readers take, they must read alike; and what ours takes, theirs
// must take, so that ours is never the more gullible.
func FuzzXML(f *testing.F) {
	for _, s := range []string{`<a x="1">t<b/>&lt;</a>`, "<p:a xmlns:p='u'><![CDATA[x]]><!--c--></p:a>", "<a>\r\n&#10;</a>", "<?xml version='1.0'?>\n<a/>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		ours, err := walk(bytes.NewReader(in))
		slow, slowErr := walk(oneByte{bytes.NewReader(in)})
		if !cmp.Equal(ours, slow) || (err == nil) != (slowErr == nil) {
			t.Fatalf("%q in small reads gives %q %v, not %q %v", in, slow, slowErr, ours, err)
		}
		for _, other := range []string{"xml", ":", "--", "]]>"} {
			if bytes.Contains(in, []byte(other)) {
				return // where ours is lenient on purpose: declarations, name spaces, dashes in comments
			}
		}
		if err != nil {
			return
		}
		theirs, theirErr := walkTheirs(bytes.NewReader(in))
		if theirErr != nil {
			t.Fatalf("%q is taken, but encoding/xml says: %v", in, theirErr)
		}
		if !cmp.Equal(ours, theirs) {
			t.Fatalf("%q reads as %q, but encoding/xml reads %q", in, ours, theirs)
		}
	})
}
