// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hustings/guard/access"
	"hustings/guard/keys/root"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/pair"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// office is a folder in which commands are run.
type keyOffice struct {
	t      *testing.T
	folder string
	input  string
}

func (o *keyOffice) run(args ...string) (code int, out, problem string) {
	o.t.Helper()
	var said, bad bytes.Buffer
	code = Main(args, strings.NewReader(o.input), &said, &bad, []string{
		"HUSTINGS_DATA_FOLDER=" + o.folder, "HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale"})
	return code, said.String(), bad.String()
}

func (o *keyOffice) good(args ...string) string {
	o.t.Helper()
	code, out, problem := o.run(args...)
	if code != exitOK {
		o.t.Fatalf("%v: exit %d\n%s%s", args, code, out, problem)
	}
	return out
}

func (o *keyOffice) refused(say string, args ...string) {
	o.t.Helper()
	code, out, problem := o.run(args...)
	if code == exitOK || !strings.Contains(problem, say) {
		o.t.Errorf("%v: exit %d, %s%s; want it refused with %q", args, code, out, problem, say)
	}
}

var shareWord = regexp.MustCompile(`<li>([a-z]+)</li>`)

// typed is what an official types from their page.
func typed(t *testing.T, page string) string {
	t.Helper()
	body, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, m := range shareWord.FindAllStringSubmatch(string(body), -1) {
		words = append(words, html.UnescapeString(m[1]))
	}
	return strings.Join(words, " ") + "\n"
}

// The ceremony from splitting to the day when the root key is lost, as people
// at the machine do it.
func TestTheCeremonyAtTheMachine(t *testing.T) {
	o := &keyOffice{t: t, folder: openHouse(t).Config.Data.Folder} // skips where the front end is not built
	stick := filepath.Join(t.TempDir(), "stick")
	pages := strings.Fields(o.good("keys", "split", "--officials", "3", "--need", "2", "--to", stick))
	if len(pages) != 3 {
		t.Fatalf("pages %v", pages)
	}
	for _, p := range pages {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
	o.refused("is not empty", "keys", "split", "--officials", "3", "--need", "2", "--to", stick)
	o.refused("at least 2 are needed", "keys", "split", "--officials", "3", "--need", "1", "--to", filepath.Join(stick, "new"))

	first, third := typed(t, pages[0]), typed(t, pages[2])
	o.input = third + "\n" + first
	if out := o.good("keys", "join", "--rehearse"); !strings.Contains(out, "nothing was changed") {
		t.Errorf("rehearsed: %s", out)
	}
	file := filepath.Join(o.folder, "keys", "root.key")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	o.refused("bring the officials' shares together with `hustings keys join`", "keys", "status")
	o.input = first
	o.refused("1 shares are here, and 2 are needed", "keys", "join")
	o.input = first + first
	o.refused("Share 1 was given twice", "keys", "join")
	o.input = first + strings.Replace(third, " ", " abandon ", 1)
	o.refused("A share has 32 words; here are 33", "keys", "join")
	if _, err := os.Stat(file); err == nil {
		t.Error("a wrong share made a root key")
	}
	o.input = first + third
	if out := o.good("keys", "join"); !strings.Contains(out, "the root key is back") {
		t.Errorf("joined: %s", out)
	}
	after, err := os.ReadFile(file)
	if err != nil || strings.Fields(string(after))[len(strings.Fields(string(after)))-2] != strings.Fields(string(before))[len(strings.Fields(string(before)))-2] {
		t.Errorf("another key is back: %v", err)
	}
	o.good("keys", "status")
}

func TestKeyCommands(t *testing.T) {
	o := &keyOffice{t: t, folder: openHouse(t).Config.Data.Folder}
	dir := t.TempDir()
	file := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mine := bytes.Repeat([]byte("0123456789abcdef"), 2)
	hex := file("hex", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n")
	for _, tt := range []struct {
		name, want string
		args       []string
		ok         bool
	}{
		{"the status", "root key     file", []string{"status"}, true},
		{"the status for programs", `"RootKind": "file"`, []string{"status", "--json"}, true},
		{"new data keys, and waiting", "fields are under the new keys", []string{"rotate", "--wait"}, true},
		{"a new key of the office", "the office's key is now", []string{"rotate", "office"}, true},
		{"a new root key", "the root key is now", []string{"rotate", "root", "--forget"}, true},
		{"a key of the office's own", root.Fingerprint(mine), []string{"import", file("raw", string(mine))}, true},
		{"the same again", "is the one in use", []string{"import", file("raw", string(mine))}, false},
		{"one in hexadecimal, as the root key", "is in use", []string{"import", "--root", hex}, true},
		{"a file that is no key", "holds no key", []string{"import", file("text", "my secret passphrase")}, false},
		{"a row of zeros", "holds no key", []string{"import", file("zeros", strings.Repeat("\x00", 32))}, false},
		{"no file", "cannot be read", []string{"import", filepath.Join(dir, "none")}, false},
		{"nobody's key", "Nothing here is sealed", []string{"shred", "voter:1", "--reason", "x", "--yes-destroy", "voter:1"}, false},
		{"somebody else's name typed", "nothing was destroyed", []string{"shred", "voter:1", "--reason", "x", "--yes-destroy", "voter:2"}, false},
		{"a place that is none", "want file:PATH", []string{"move", "folder:/x"}, false},
		{"a place elsewhere", "Set keys.root", []string{"move", "file:" + filepath.Join(dir, "moved.key")}, true},
		{"the old place afterwards", "holds another key", []string{"status"}, false},
	} {
		code, out, problem := o.run(append([]string{"keys"}, tt.args...)...)
		if (code == exitOK) != tt.ok || !strings.Contains(out+problem, tt.want) {
			t.Errorf("%s: exit %d, %s%s; want %q", tt.name, code, out, problem, tt.want)
		}
		if strings.Contains(out+problem, string(mine)) || strings.Contains(out+problem, "passphrase") {
			t.Errorf("%s: a key is shown", tt.name)
		}
	}
}

// What cannot be taken back happens when a second person agrees, and not
// before.
func TestDestroyingAKeyTakesTwo(t *testing.T) {
	h := openHouse(t)
	j := h.Config.Office.Jurisdiction
	account := map[string]string{}
	person := func(name string) context.Context {
		return who.With(t.Context(), who.Person{ID: account[name], Name: name, Jurisdiction: j, Via: who.Browser, Level: 3, Proved: h.Now()})
	}
	for _, name := range []string{"ann", "sam"} {
		ctx := operator(t.Context(), h.Config)
		a, err := h.Identity.Add(ctx, name+"@vale.example", name, hide.New("a sentence that is easy to remember"))
		if err != nil {
			t.Fatal(err)
		}
		if account[name] = a.ID; h.Access.Grant(ctx, a.ID, access.Security) != nil {
			t.Fatal("the role was not granted")
		}
	}
	column := seal.Column{Table: "any_table", Name: "note", Key: []string{"id"}, Purpose: "keys.subject", Subject: "subject"}
	var sealed []byte
	err := h.DB.Write(person("ann"), func(tx *db.Tx) (err error) {
		tx.Silently("a test")
		sealed, err = h.Keys.Sealer().Seal(person("ann"), tx, column.At(j, "1").Of("voter:1"), hide.New("x"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	open := func() error {
		_, err := h.Keys.Sealer().Open(t.Context(), h.DB, column.At(j, "1").Of("voter:1"), sealed)
		return err
	}
	var request pair.Request
	err = h.DB.Write(person("ann"), func(tx *db.Tx) (err error) {
		request, err = h.Access.Ask(person("ann"), tx, pair.Ask{Act: "keys.shred", Subject: "voter:1", Reason: "request 7"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Access.Decide(person("ann"), request.ID, true, ""); fault.KindOf(err) != fault.Denied {
		t.Errorf("the one who asked agrees: got %v", err)
	}
	if err := open(); err != nil {
		t.Errorf("before a second person agreed: %v", err)
	}
	if _, err := h.Access.Decide(person("sam"), request.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if err := open(); fault.KindOf(err) != fault.Gone {
		t.Errorf("after a second person agreed: got %v, want it gone", err)
	}
}
