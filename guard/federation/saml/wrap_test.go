// SPDX-License-Identifier: Apache-2.0

package saml_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/beevik/etree"
	xmldsig "github.com/russellhaering/goxmldsig"
)

// evil makes a copy of an element that names somebody else, unsigned, under an
// id of its own.
func evil(el *etree.Element, id string) *etree.Element {
	c := el.Copy()
	c.CreateAttr("ID", id)
	if s := c.FindElement("./Signature"); s != nil {
		c.RemoveChild(s)
	}
	if name := c.FindElement(".//NameID"); name != nil {
		name.SetText("clerk@vale.gov")
	}
	return c
}

func plainCopy(el *etree.Element) *etree.Element {
	c := el.Copy()
	c.RemoveChild(c.FindElement("./Signature"))
	return c
}

// wrappings are the eight of Somorovsky et al., "On Breaking SAML" (2012), under
// the numbers by which tools know them, and some of their relatives. Each gets
// an answer with a signed response or assertion and returns what is sent.
var wrappings = []struct {
	name     string
	response bool // the response is signed, not the assertion
	wrap     func(root *etree.Element) *etree.Element
}{
	{"1: the response inside the signature of another", true, func(r *etree.Element) *etree.Element {
		e := evil(r, "evil")
		s := r.FindElement("./Signature").Copy()
		s.AddChild(plainCopy(r))
		e.InsertChildAt(1, s)
		return e
	}},
	{"2: the response beside the signature in another", true, func(r *etree.Element) *etree.Element {
		e := evil(r, "evil")
		e.InsertChildAt(1, plainCopy(r))
		e.InsertChildAt(2, r.FindElement("./Signature").Copy())
		return e
	}},
	{"3: another assertion before the signed one", false, func(r *etree.Element) *etree.Element {
		r.InsertChildAt(part(r).Index(), evil(part(r), "evil"))
		return r
	}},
	{"4: the signed assertion inside another", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		e := evil(a, "evil")
		e.AddChild(a.Copy())
		r.RemoveChild(a)
		r.AddChild(e)
		return r
	}},
	{"5: the signature kept by another, the signed one after it", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		e := evil(a, "evil")
		e.InsertChildAt(1, a.FindElement("./Signature").Copy())
		r.InsertChildAt(a.Index(), e)
		r.AddChild(plainCopy(a))
		r.RemoveChild(a)
		return r
	}},
	{"6: the signed assertion inside the signature of another", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		e, s := evil(a, "evil"), a.FindElement("./Signature").Copy()
		s.AddChild(plainCopy(a))
		e.InsertChildAt(1, s)
		r.InsertChildAt(a.Index(), e)
		r.RemoveChild(a)
		return r
	}},
	{"7: another assertion in the extensions", false, func(r *etree.Element) *etree.Element {
		x := etree.NewElement("samlp:Extensions")
		x.AddChild(evil(part(r), part(r).SelectAttrValue("ID", "")))
		r.InsertChildAt(1, x)
		return r
	}},
	{"8: the signed assertion in an object of the signature", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		e, s := evil(a, "a1"), a.FindElement("./Signature").Copy()
		o := etree.NewElement("ds:Object")
		o.AddChild(plainCopy(a))
		s.AddChild(o)
		e.InsertChildAt(1, s)
		r.InsertChildAt(a.Index(), e)
		r.RemoveChild(a)
		return r
	}},
	{"3, with the same id", false, func(r *etree.Element) *etree.Element {
		r.InsertChildAt(part(r).Index(), evil(part(r), "a1"))
		return r
	}},
	{"3, after the signed one", false, func(r *etree.Element) *etree.Element {
		r.AddChild(evil(part(r), "evil"))
		return r
	}},
	{"3, under a look-alike's namespace", false, func(r *etree.Element) *etree.Element {
		e := evil(part(r), "evil")
		e.Space = "x"
		e.CreateAttr("xmlns:x", "urn:oasis:names:tc:SAML:2.0:assertion ")
		r.AddChild(e)
		return r
	}},
	{"another response around the signed one", true, func(r *etree.Element) *etree.Element {
		e := evil(r, "evil")
		e.AddChild(r.Copy())
		return e
	}},
	{"a signed response in the assertion of another", true, func(r *etree.Element) *etree.Element {
		e := evil(r, "evil")
		part(e).AddChild(r.Copy())
		return e
	}},
	{"the signature moved out of its assertion", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		s := a.FindElement("./Signature")
		a.RemoveChild(s)
		r.InsertChildAt(1, s)
		a.FindElement(".//NameID").SetText("clerk@vale.gov")
		return r
	}},
	{"the signature moved down into its assertion", false, func(r *etree.Element) *etree.Element {
		a := part(r)
		s := a.FindElement("./Signature")
		a.RemoveChild(s)
		a.FindElement("./Subject").AddChild(s)
		return r
	}},
	{"a second id", false, func(r *etree.Element) *etree.Element {
		e := evil(part(r), "evil")
		e.CreateAttr("saml:ID", "a1")
		e.InsertChildAt(1, part(r).FindElement("./Signature").Copy())
		r.InsertChildAt(part(r).Index(), e)
		r.RemoveChild(r.ChildElements()[3])
		return r
	}},
}

func TestWrappedSignaturesAreRefused(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	for _, tt := range wrappings {
		t.Run(tt.name, func(t *testing.T) {
			root := answer(t)
			signed := part(root)
			if tt.response {
				signed = root
			}
			h.sign(t, signed)
			if _, err := sp.Check(noon, request, form(t, root)); err != nil {
				t.Fatalf("the answer was not good before: %v", err)
			}
			refuses(t, sp, noon, form(t, tt.wrap(root)))
		})
	}
}

// TestForgedSignaturesAreRefused changes what a signature is, or says.
func TestForgedSignaturesAreRefused(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	stranger := newHouse(t, rsaKeys[1])
	weak := newHouse(t, rsaKeys[0])
	weak.method = xmldsig.RSASHA1SignatureMethod
	signature := func(r *etree.Element) *etree.Element { return part(r).FindElement("./Signature") }
	with := func(path, name, value string) func(r *etree.Element) {
		return func(r *etree.Element) {
			h.sign(t, part(r))
			signature(r).FindElement(path).CreateAttr(name, value)
		}
	}
	for _, tt := range []struct {
		name  string
		forge func(r *etree.Element)
	}{
		{"nothing signed", func(r *etree.Element) {}},
		{"signed by a stranger, whose certificate comes with it", func(r *etree.Element) { stranger.sign(t, part(r)) }},
		{"signed by a stranger under our friend's certificate", func(r *etree.Element) {
			stranger.sign(t, part(r))
			signature(r).FindElement(".//X509Certificate").SetText(h.certificate())
		}},
		{"the assertion by our friend, the response by a stranger", func(r *etree.Element) { h.sign(t, part(r)); stranger.sign(t, r) }},
		{"the response by our friend, the assertion by a stranger", func(r *etree.Element) { stranger.sign(t, part(r)); h.sign(t, r) }},
		{"SHA-1", func(r *etree.Element) { weak.sign(t, part(r)) }},
		{"SHA-1 in the digest alone", with(".//DigestMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")},
		{"a key that both know", with(".//SignatureMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")},
		{"a transform that chooses", with(".//Transform[2]", "Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")},
		{"a transform that rewrites", with(".//Transform[1]", "Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")},
		{"a canonical form of another kind", with(".//CanonicalizationMethod", "Algorithm", "http://www.w3.org/2006/12/xml-c14n11")},
		{"a reference to the whole file", with(".//Reference", "URI", "")},
		{"a reference to nothing", with(".//Reference", "URI", "#")},
		{"a reference into the network", with(".//Reference", "URI", "http://id.example.org/a1")},
		{"two references", func(r *etree.Element) {
			h.sign(t, part(r))
			ref := signature(r).FindElement(".//Reference")
			ref.Parent().AddChild(ref.Copy())
		}},
		{"two signatures in one place", func(r *etree.Element) {
			h.sign(t, part(r))
			part(r).AddChild(signature(r).Copy())
		}},
		{"two values", func(r *etree.Element) {
			h.sign(t, part(r))
			signature(r).AddChild(signature(r).FindElement("./SignatureValue").Copy())
		}},
		{"two lists of what is signed", func(r *etree.Element) {
			h.sign(t, part(r))
			signature(r).AddChild(signature(r).FindElement("./SignedInfo").Copy())
		}},
		{"no value", func(r *etree.Element) {
			h.sign(t, part(r))
			signature(r).RemoveChild(signature(r).FindElement("./SignatureValue"))
		}},
		{"a signature of another namespace", func(r *etree.Element) {
			h.sign(t, part(r))
			signature(r).CreateAttr("xmlns:ds", "urn:x")
		}},
		{"a name changed after it", func(r *etree.Element) {
			h.sign(t, part(r))
			part(r).FindElement(".//NameID").SetText("clerk@vale.gov")
		}},
		{"a group added after it", func(r *etree.Element) {
			h.sign(t, part(r))
			v := part(r).FindElement(".//AttributeValue")
			v.Parent().AddChild(v.Copy())
		}},
		{"a comment in the name, which the signature does not cover", func(r *etree.Element) {
			h.sign(t, part(r))
			name := part(r).FindElement(".//NameID")
			name.SetText("ann@vale.gov")
			name.AddChild(etree.NewComment(""))
			name.CreateText(".evil.example")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := answer(t)
			tt.forge(root)
			refuses(t, sp, noon, form(t, root))
		})
	}
}

// TestHostileFilesAreRefused sends bytes that no XML library should have to see.
func TestHostileFilesAreRefused(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	root := answer(t)
	h.sign(t, part(root))
	doc := etree.NewDocument()
	doc.SetRoot(root)
	fine, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sp.Check(noon, request, formOf(fine)); err != nil {
		t.Fatal(err)
	}
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">`, 10) + `]>`
	for _, tt := range []struct {
		name string
		form url.Values
	}{
		{"nothing", url.Values{}},
		{"an empty field", url.Values{"SAMLResponse": {""}}},
		{"two answers", url.Values{"SAMLResponse": {formOf(fine)["SAMLResponse"][0], "x"}}},
		{"no base64", url.Values{"SAMLResponse": {"<xml/>"}}},
		{"no XML", formOf("hello")},
		{"an element alone", formOf("<a/>")},
		{"a document type", formOf("<!DOCTYPE x>" + fine)},
		{"a document type from the network", formOf(`<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">` + fine)},
		{"a bomb of entities", formOf(bomb + strings.Replace(fine, "ann@", "&b;", 1))},
		{"an entity that nobody declared", formOf(strings.Replace(fine, "ann@", "&who;", 1))},
		{"two roots", formOf(fine + fine)},
		{"text after the root", formOf(fine + "x")},
		{"half of it", formOf(fine[:len(fine)/2])},
		{"another alphabet", formOf(`<?xml version="1.0" encoding="UTF-7"?>` + fine)},
		{"an instruction before it", formOf(`<?xml-stylesheet href="x"?>` + fine)},
		{"an attribute twice", formOf(strings.Replace(fine, `ID="a1"`, `ID="a1" ID="a2"`, 1))},
		{"a depth without end", formOf(strings.Repeat("<a>", 100_000))},
		{"many elements", formOf("<a>" + strings.Repeat("<b/>", 30_000) + "</a>")},
		{"many attributes", formOf("<a " + manyAttributes(1000) + "/>")},
		{"more than fits", formOf("<a>" + strings.Repeat("x", 1<<20) + "</a>")},
		{"a colon too many", formOf(strings.Replace(fine, "<saml:Conditions", "<saml:x:Conditions", 1))},
	} {
		t.Run(tt.name, func(t *testing.T) { refuses(t, sp, noon, tt.form) })
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `a%d="" `, i)
	}
	return b.String()
}

// TestSpacesInBase64DoNotMatter has the line breaks and the mark that some
// houses put in.
func TestSpacesInBase64DoNotMatter(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	root := answer(t)
	h.sign(t, part(root))
	doc := etree.NewDocument()
	doc.SetRoot(root)
	text, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\xef\xbb\xbf" + `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + text + "\n"))
	broken := plain[:76] + "\r\n" + plain[76:152] + "\n " + plain[152:]
	if _, err := agree(t, h).Check(noon, request, url.Values{"SAMLResponse": {broken}}); err != nil {
		t.Fatal(err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	h := newHouse(f, rsaKeys[0])
	sp := agree(f, h)
	text := func(r *etree.Element) string {
		doc := etree.NewDocument()
		doc.SetRoot(r)
		s, err := doc.WriteToString()
		if err != nil {
			f.Fatal(err)
		}
		return s
	}
	f.Add(good)
	f.Add("<!DOCTYPE a><a/>")
	for _, w := range wrappings {
		root := answer(f)
		if w.response {
			h.sign(f, root)
		} else {
			h.sign(f, part(root))
		}
		f.Add(text(root.Copy()))
		f.Add(text(w.wrap(root)))
	}
	f.Fuzz(func(t *testing.T, body string) {
		said, err := sp.Check(noon, request, formOf(body))
		if err == nil && said.Subject != wantSaid.Subject {
			t.Errorf("somebody else was let in: %+v", said)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	h := newHouse(b, key)
	sp := agree(b, h)
	root := answer(b)
	h.sign(b, part(root))
	f := form(b, root)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sp.Check(noon, request, f); err != nil {
			b.Fatal(err)
		}
	}
}
