// SPDX-License-Identifier: Apache-2.0

package register

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"hustings/kit/words"
	"hustings/office/registry/rules"
)

// FuzzReadPicture gives it any bytes: an error, or a picture that it reads
// again.
func FuzzReadPicture(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add(photoOf("png"))
	f.Fuzz(func(t *testing.T, body []byte) {
		kept, err := readPicture(body)
		if err != nil {
			return
		}
		if _, err := readPicture(kept); err != nil {
			t.Errorf("what was kept cannot be read: %v", err)
		}
	})
}

// FuzzReadAnswers sends any form to any question: what is taken can be kept,
// shown and made into an application.
func FuzzReadAnswers(f *testing.F) {
	f.Add(0, "want=register")
	f.Add(5, "birth-month=2&birth-day=30&birth-year=1980")
	f.Add(9, "home-line=12+N+Elm+St&home-unit=4b&home-city=Vale&home-zip=00501")
	f.Add(11, "email=a%40b.c&phone=%2B49+30+1234567")
	book, err := rules.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	r, err := book.For("NC", "2026-09-01") // which asks everything
	if err != nil {
		f.Fatal(err)
	}
	catalog, err := words.New("es")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, n int, sent string) {
		values, err := url.ParseQuery(sent)
		if err != nil {
			return
		}
		q := &questions[int(uint(n)%uint(len(questions)))]
		form := &form{answers: answers{}, rules: &r, today: "2026-09-01", p: catalog.In("es")}
		given, bad := form.read(q, values)
		if len(bad) > 0 {
			return
		}
		form.accept(q, given)
		text, err := form.pack()
		if err != nil || !utf8.ValidString(text.Reveal()) {
			t.Fatalf("%q is kept as %q, %v", sent, text.Reveal(), err)
		}
		again, err := unpack(text)
		if err != nil {
			t.Fatal(err)
		}
		for name := range form.answers {
			if again.get(name) != form.get(name) {
				t.Errorf("%s: %q came back as %q", name, form.get(name), again.get(name))
			}
		}
		_ = form.application()
		_ = form.summary(true)
	})
}
