// SPDX-License-Identifier: Apache-2.0

package hide_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"hustings/kit/hide"
)

const secret = "D1234567"

type voter struct {
	Name    string
	Licence hide.String
	Phone   *hide.String
	Others  []hide.String
	ByKind  map[string]hide.String
	Any     any
	inner   hide.String
	deep    struct{ more []*hide.String }
}

func hidden() voter {
	s := hide.New(secret)
	v := voter{Name: "Ann", Licence: s, Phone: &s, Others: []hide.String{s}, ByKind: map[string]hide.String{"dln": s}, Any: s, inner: s}
	v.deep.more = []*hide.String{&s}
	return v
}

// quiet fails the test when the secret is in what was written.
func quiet(t *testing.T, route, got string) {
	t.Helper()
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret), fmt.Sprint([]byte(secret))} {
		if strings.Contains(got, form) {
			t.Errorf("%s leaks: %s", route, got)
		}
	}
}

func TestNoVerbOfFmtShowsIt(t *testing.T) {
	v, s := hidden(), hide.New(secret)
	for _, verb := range strings.Split("v +v #v s q x X d o b c t e f g U p T w", " ") {
		format := "%" + verb
		for name, x := range map[string]any{
			"alone": s, "by pointer": &s, "in a struct": v, "behind a pointer": &v,
			"in a slice": []hide.String{s}, "in a map": map[string]hide.String{"a": s}, "in an interface": []any{s, v},
			"in unexported fields": struct{ a hide.String }{s},
		} {
			quiet(t, name+" with "+format, fmt.Sprintf(format, x))
		}
		quiet(t, "wide "+format, fmt.Sprintf("%-20.50"+verb, s))
	}
	quiet(t, "Sprint", fmt.Sprint(s, v, &v))
	quiet(t, "Sprintln", fmt.Sprintln(s, v, &v))
	quiet(t, "Errorf", fmt.Errorf("voter %v: %w", v, errors.New("x")).Error())
	if got := fmt.Sprintf("%s|%v|%q", s, s, hide.String{}); got != "[hidden]|[hidden]|" {
		t.Errorf("got %q", got)
	}
}

func TestNoEncoderShowsIt(t *testing.T) {
	v := hidden()
	for _, tt := range []struct {
		name  string
		write func(w io.Writer) error
		fails bool
	}{
		{"json", func(w io.Writer) error { return json.NewEncoder(w).Encode(v) }, false},
		{"xml", func(w io.Writer) error { return xml.NewEncoder(w).Encode(oneElement{v.Licence}) }, false},
		{"xml attribute", func(w io.Writer) error { return xml.NewEncoder(w).Encode(oneAttribute{v.Licence}) }, false},
		{"toml", func(w io.Writer) error { return toml.NewEncoder(w).Encode(struct{ A hide.String }{v.Licence}) }, false},
		{"gob", func(w io.Writer) error { return gob.NewEncoder(w).Encode(struct{ A hide.String }{v.Licence}) }, true},
		{"slog text", func(w io.Writer) error {
			return slog.NewTextHandler(w, nil).Handle(context.Background(), record(v))
		}, false},
		{"slog json", func(w io.Writer) error {
			return slog.NewJSONHandler(w, nil).Handle(context.Background(), record(v))
		}, false},
		{"log", func(w io.Writer) error { log.New(w, "", 0).Print(v, v.Licence); return nil }, false},
		{"text template", func(w io.Writer) error {
			return template.Must(template.New("").Parse(`{{.Licence}} {{.}} {{printf "%x" .Licence}}`)).Execute(w, v)
		}, false},
		{"html template", func(w io.Writer) error {
			return htmltemplate.Must(htmltemplate.New("").Parse(`<a title="{{.Licence}}">{{.Any}}</a><script>x={{.Licence}}</script>`)).Execute(w, v)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := tt.write(&out)
			if (err != nil) != tt.fails {
				t.Errorf("error %v, want one: %v", err, tt.fails)
			}
			quiet(t, tt.name, out.String()+fmt.Sprint(err))
			if !tt.fails && !strings.Contains(out.String(), "hidden") {
				t.Errorf("the mask is missing: %s", out.String())
			}
		})
	}
}

type oneElement struct{ A hide.String }

type oneAttribute struct {
	A hide.String `xml:"a,attr"`
}

func TestADifferenceDoesNotShowIt(t *testing.T) {
	got := cmp.Diff(oneElement{hide.New(secret)}, oneElement{hide.New("other")})
	if got == "" {
		t.Error("two texts look the same")
	}
	quiet(t, "cmp.Diff", got)
	if got := cmp.Diff(oneElement{hide.New(secret)}, oneElement{hide.New(secret)}); got != "" {
		t.Errorf("the same text looks different: %s", got)
	}
}

func record(v voter) slog.Record {
	r := slog.Record{Message: "m"}
	r.AddAttrs(slog.Any("alone", v.Licence), slog.Any("voter", v), slog.Any("pointer", &v.Licence),
		slog.Group("group", slog.Any("list", v.Others)))
	return r
}

func TestTheDatabaseDoesNotGetItByAccident(t *testing.T) {
	s := hide.New(secret)
	if v, err := s.Value(); err == nil || v != nil {
		t.Errorf("Value: got %v, %v, want an error", v, err)
	} else {
		quiet(t, "Value", err.Error())
	}
	if err := (&s).Scan(secret); err == nil {
		t.Error("Scan took a text in clear")
	} else {
		quiet(t, "Scan", err.Error())
	}
	var _ sql.Scanner = &s
}

func TestRevealAndEqual(t *testing.T) {
	var zero hide.String
	if s := hide.New(secret); s.Reveal() != secret || s.IsZero() {
		t.Error("the text did not come back")
	}
	if !zero.IsZero() || zero.Reveal() != "" || !hide.New("").IsZero() {
		t.Error("the zero String is not empty")
	}
	if !hide.New(secret).Equal(hide.New(secret)) || hide.New(secret).Equal(zero) || hide.New("a").Equal(hide.New("b")) {
		t.Error("Equal is wrong")
	}
}

func TestWhatComesInIsHidden(t *testing.T) {
	for _, tt := range []struct {
		name, json, want string
		fails            bool
	}{
		{"a text", `{"Licence":"D1234567"}`, secret, false},
		{"null is nothing", `{"Licence":null}`, "", false},
		{"an empty text", `{"Licence":""}`, "", false},
		{"the mask is refused", `{"Licence":"[hidden]"}`, "", true},
		{"a number is refused without quoting it", `{"Licence":1234567}`, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v struct{ Licence hide.String }
			err := json.Unmarshal([]byte(tt.json), &v)
			if (err != nil) != tt.fails || v.Licence.Reveal() != tt.want {
				t.Errorf("got %q, %v", v.Licence.Reveal(), err)
			}
			if err != nil && strings.Contains(err.Error(), "1234567") {
				t.Errorf("the error quotes the text: %v", err)
			}
		})
	}
}
