// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/andybalholm/brotli"

	"hustings/app"
	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// TestTheKeysPageIsAccessible asks axe about the page of the keys: before
// anything was done, with what was typed wrong, and after a rotation.
func TestTheKeysPageIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	b := o.tab(approver)
	for _, v := range views {
		b.look(v)
		t.Run(v.name, func(t *testing.T) {
			b := b.in(t)
			b.visit("/keys")
			b.barriers(program, v.wide)
			b.shoot("keys-" + v.name)
			b.quiet("")
		})
	}
	if _, err := o.House.Keys.RotateData(o.as(approver)); err != nil && fault.KindOf(err) != fault.Conflict {
		t.Fatal(err)
	}
	for _, v := range views[:2] {
		b.look(v)
		t.Run("rotating-"+v.name, func(t *testing.T) {
			b := b.in(t)
			b.visit("/keys")
			b.barriers(program, v.wide)
			b.shoot("keys-rotating-" + v.name)
			b.quiet("")
		})
	}
}

// What is asked for by plain forms: data keys rotate at once; what cannot be
// taken back waits for a second person, and what is mistyped comes back.
func TestKeysByPlainForms(t *testing.T) {
	o := openOffice(t)
	p := o.signIn(approver)
	j := o.Config.Office.Jurisdiction
	page := p.get("/keys")
	p.says(page, "In a file")
	p.says(page, "keys.subject")
	if res, err := p.client.PostForm("http://"+p.Office+"/keys/shred", url.Values{"subject": {"voter:nobody"}, "reason": {"a request"}}); err != nil || res.StatusCode != 422 {
		t.Errorf("shredding nobody: got %v, %v; want the form back", res.StatusCode, err)
	} else {
		body, err := io.ReadAll(res.Body)
		p.must(errors.Join(err, res.Body.Close()))
		p.says(string(body), "Nothing here is sealed under a key of voter:nobody.")
		p.says(string(body), `value="voter:nobody"`)
	}
	was, err := o.House.Keys.Status(t.Context(), j)
	p.must(err)
	p.says(p.post("/keys/rotate", url.Values{"what": {"kek"}, "why": {"the yearly change"}}), "A second person has been asked.")
	now, err := o.House.Keys.Status(t.Context(), j)
	p.must(err)
	if now.KEK != was.KEK {
		t.Error("the office's key changed before a second person agreed")
	}
	if res, err := o.signIn(clerk).client.Get("http://" + o.Office + "/keys"); err != nil || res.StatusCode != 403 {
		t.Errorf("a results clerk sees the keys: %v, %v", res.StatusCode, err)
	}
}

// planted is a room whose private facts must be found nowhere.
var (
	plantedLicence = seal.Column{Table: "planted_voter", Name: "licence", Key: []string{"id"}, Purpose: "planted.licence", Index: "licence_index"}
	plantedBirth   = seal.Column{Table: "planted_voter", Name: "birth", Key: []string{"id"}, Purpose: "planted.birth", Subject: "subject", Index: "birth_index"}
	plantedTable   = db.Source{Room: "planted", FS: fstest.MapFS{"migrations/0001_voter.sql": {Data: []byte(`
create table planted_voter (
  jurisdiction text not null, id text not null, subject text not null, note text not null,
  licence bytea, licence_index bytea, birth bytea, birth_index bytea, primary key (jurisdiction, id)
);`)}}}
)

// voterAdded is a fact that carries what it should not show.
type voterAdded struct {
	ID      string
	Licence hide.String
	More    []hide.String
}

// Name is the fact's name in the ledger.
func (voterAdded) Name() string { return "planted.added.v1" }

// control is planted in clear, to see that the search finds what is there.
const control = "CONTROL-In-Clear-7361"

// secrets are the private facts of voter i.
func secretsOf(i int) (licence, birth string) {
	return fmt.Sprintf("Zq%07dLicence", i*7919), fmt.Sprintf("19%02d-Born-%05d", i%90, i*31)
}

const plantedPassword = "Planted-Passphrase-Of-Nobody"

// plant writes voters, logs and fails over them, as a careless room would.
func plant(t *testing.T, h *app.House) (secrets []string) {
	t.Helper()
	ctx := who.With(t.Context(), who.Person{ID: "ann", Name: "Ann", Jurisdiction: h.Config.Office.Jurisdiction, Via: who.Browser})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(h.DB.Migrate(ctx, []db.Source{plantedTable}))
	columns := []seal.Column{plantedLicence, plantedBirth}
	for _, r := range h.Rooms {
		columns = append(columns, r.Sealed...)
	}
	must(h.Keys.Start(ctx, columns))
	for i := range 300 {
		licence, birth := secretsOf(i)
		secrets = append(secrets, licence, birth)
		must(plantOne(ctx, h, i, hide.New(licence), hide.New(birth)))
	}
	account, err := h.Identity.Add(ctx, "planted@county.example", control, hide.New(plantedPassword))
	must(err)
	session, err := h.Identity.SignIn(ctx, "planted@county.example", hide.New(plantedPassword), "",
		identity.Place{Address: netip.MustParseAddr("192.0.2.7"), Agent: "test"})
	must(err)
	_, token, err := h.Identity.MakeToken(ctx, account.ID, "planted", time.Hour)
	must(err)
	if err := h.Keys.Shred(ctx, "voter:1", "a request"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Keys.RotateData(ctx); err != nil {
		t.Fatal(err)
	}
	return append(secrets, plantedPassword, session.Secret.Reveal(), session.Browser.Reveal(), token)
}

func plantOne(ctx context.Context, h *app.House, i int, licence, birth hide.String) error {
	j, id, s := h.Config.Office.Jurisdiction, fmt.Sprint(i), h.Keys.Sealer()
	err := h.DB.Write(ctx, func(tx *db.Tx) error {
		sealed, err := s.Seal(ctx, tx, plantedLicence.At(j, id), licence)
		if err != nil {
			return err
		}
		index, _, err := s.Index(ctx, &plantedLicence, j, licence)
		if err != nil {
			return err
		}
		born, err := s.Seal(ctx, tx, plantedBirth.At(j, id).Of("voter:"+id), birth)
		if err != nil {
			return err
		}
		days, _, err := s.Index(ctx, &plantedBirth, j, birth)
		if err != nil {
			return err
		}
		tx.Record(voterAdded{id, licence, []hide.String{birth}})
		_, err = tx.ExecContext(ctx, `
			insert into planted_voter (jurisdiction, id, subject, note, licence, licence_index, birth, birth_index)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, j, id, "voter:"+id, fmt.Sprintf("%v %+v", licence, []any{birth}), sealed, index, born, days)
		return err
	})
	h.Log.Info("voter added", "licence", licence, "voter", voterAdded{id, licence, []hide.String{birth}}, "error", err)
	wrong := fault.Wrap(fault.Invalid, fmt.Errorf("voter %v", voterAdded{id, licence, nil}), "the licence %s of %v is taken", licence, birth)
	h.Log.Warn("not added", "error", wrong, "said", fault.Sentence(wrong))
	if _, bad := h.DB.QueryContext(ctx, `select id from planted_voter where licence = $1`, licence); bad == nil {
		return errors.New("a hidden text went into a query in clear")
	} else {
		h.Log.Error("query failed", "error", bad)
	}
	return err
}

// forms are the ways in which a text may lie in a file.
func forms(s string) [][]byte {
	out := [][]byte{[]byte(s), []byte(strings.ToLower(s)), []byte(strings.ToUpper(s)), []byte(hex.EncodeToString([]byte(s))), []byte(url.QueryEscape(s))}
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	out = append(out, wide)
	for shift := range 3 { // base64 has three phases; its inner part is the same wherever it lies
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), s...))
		out = append(out, []byte(text[4:len(text)-4]))
	}
	return out
}

// search looks for texts in every file of the folders, packed ones too.
type search struct {
	forms map[string]string // form -> the secret
	first map[string][]string
	files int
}

func newSearch(secrets []string) *search {
	s := &search{forms: make(map[string]string), first: make(map[string][]string)}
	for _, secret := range secrets {
		for _, f := range forms(secret) {
			s.forms[string(f)] = secret
			s.first[string(f[:6])] = append(s.first[string(f[:6])], string(f))
		}
	}
	return s
}

// in gives the secrets that lie in a body. All forms are looked for in one
// pass, by how they begin.
func (s *search) in(body []byte) (found []string) {
	for i := 0; i+6 <= len(body); i++ {
		for _, f := range s.first[string(body[i:i+6])] {
			if bytes.HasPrefix(body[i:], []byte(f)) && !slices.Contains(found, s.forms[f]) {
				found = append(found, s.forms[f])
			}
		}
	}
	return found
}

func (s *search) tree(t *testing.T, folder string) (found map[string][]string) {
	t.Helper()
	found = make(map[string][]string)
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a server removes files while we look
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		s.files++
		for _, b := range [][]byte{body, unpacked(path, body)} {
			if hit := s.in(b); len(hit) > 0 {
				found[path] = append(found[path], hit...)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func unpacked(path string, body []byte) []byte {
	var from io.Reader
	switch filepath.Ext(path) {
	case ".gz":
		zip, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil
		}
		from = zip
	case ".br":
		from = brotli.NewReader(bytes.NewReader(body))
	default:
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(from, 256<<20)) // as far as it goes
	return out
}

// none fails where a secret was found, and where the search would not have
// found one.
func none(t *testing.T, folder string, secrets []string, wantControl bool) {
	t.Helper()
	s := newSearch(append(slices.Clone(secrets), control))
	sawControl := false
	for path, hits := range s.tree(t, folder) {
		for _, hit := range hits {
			if hit == control {
				sawControl = true
				continue
			}
			t.Errorf("%s holds %q", path, hit)
		}
	}
	if wantControl && !sawControl {
		t.Errorf("the search of %s did not find what lies there in clear: it finds nothing", folder)
	}
	t.Logf("%d files of %s searched", s.files, folder)
}

func TestTheSearchFindsWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	fmt.Fprint(zip, "…Zq0000000Licence…")
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"plain": []byte("xZq0000000Licencex"), "hex": []byte(hex.EncodeToString([]byte("Zq0000000Licence"))),
		"base64": []byte(base64.StdEncoding.EncodeToString([]byte("ab Zq0000000Licence cd"))), "packed.gz": packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found := newSearch([]string{"Zq0000000Licence"}).tree(t, folder); len(found) != 4 {
		t.Errorf("found it in %d of 4 files: %v", len(found), found)
	}
}

// TestNothingPrivateIsLeftLyingAbout plays the demo's night, plants private
// facts, and looks for them in the database, its write-ahead log, what the
// program says, its exports and a backup.
func TestNothingPrivateIsLeftLyingAbout(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a whole night")
	}
	folder, outside := filepath.Join(t.TempDir(), "demo"), t.TempDir()
	var said bytes.Buffer
	run := func(args ...string) {
		t.Helper()
		var out bytes.Buffer
		if code := app.Main(args, strings.NewReader(""), &out, &said, []string{"HUSTINGS_DATA_FOLDER=" + folder, "HUSTINGS_OFFICE_JURISDICTION=" + demoJurisdiction(t, folder)}); code != 0 {
			t.Fatalf("%v: exit %d\n%s", args, code, said.String())
		}
		name := strings.Join(args[:2], "-") + ".txt"
		if err := os.WriteFile(filepath.Join(outside, name), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var night bytes.Buffer
	code := app.Main([]string{"demo", "--folder", folder, "--night", "6s", "--until", "played", "--public", "127.0.0.1:0", "--office", "127.0.0.1:0"},
		strings.NewReader(""), &night, &night, nil)
	if code != 0 {
		if strings.Contains(night.String(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatalf("the demo: exit %d\n%s", code, night.String())
	}
	cfg := app.Defaults()
	cfg.Data.Folder, cfg.Office.Jurisdiction = folder, demoJurisdiction(t, folder)
	cfg.SignIn.PasswordAlone = true // so that there is a session to look for
	var journal bytes.Buffer
	h, err := app.Open(t.Context(), cfg, slog.New(slog.NewJSONHandler(&journal, &slog.HandlerOptions{Level: slog.LevelDebug})), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	secrets := plant(t, h)
	none(t, folder, secrets, true) // while the house is open, and the log long
	if wal, err := os.Stat(filepath.Join(folder, "hustings.db-wal")); err != nil || wal.Size() == 0 {
		t.Errorf("there was no write-ahead log to search: %v", err)
	}
	h.Close()
	backup(t, filepath.Join(folder, "hustings.db"), filepath.Join(outside, "backup.db"))
	run("ledger", "tail", "-n", "1000000", "--json")
	run("keys", "status", "--json")
	run("keys", "rotate", "--wait")
	run("account", "list", "--json")
	run("publish", "--to", filepath.Join(outside, "published"), "--all")
	run("config", "print")
	for name, text := range map[string]string{"journal": journal.String(), "night": night.String(), "said": said.String()} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	none(t, folder, secrets, true)
	none(t, outside, secrets, true)
	if !strings.Contains(journal.String(), hide.Mask) {
		t.Error("the journal shows no mask: the careless lines were not written")
	}
}

// demoJurisdiction is the demo county's, which no setting says: the ledger
// does.
func demoJurisdiction(t *testing.T, folder string) (j string) {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(folder, "hustings.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.QueryRowContext(t.Context(), `select jurisdiction from ledger_entry where name = 'identity.account-added.v1' limit 1`).Scan(&j)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// backup copies the database as a backup does: whole, while it may be in use.
func backup(t *testing.T, from, to string) {
	t.Helper()
	d, err := sql.Open("sqlite", from)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.ExecContext(t.Context(), `vacuum into $1`, to); err != nil {
		t.Fatal(err)
	}
}

// The same on PostgreSQL: every file of the server, its write-ahead log too.
func TestNothingPrivateIsLeftLyingAboutOnPostgres(t *testing.T) {
	address := dbtest.PostgresURL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg := app.Defaults()
	cfg.Data.Folder, cfg.Data.Database = t.TempDir(), address
	cfg.SignIn.PasswordAlone = true
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:alder"
	var journal bytes.Buffer
	h, err := app.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(&journal, &slog.HandlerOptions{Level: slog.LevelDebug})), time.Now)
	if err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	defer h.Close()
	secrets := plant(t, h)
	server := u.Query().Get("host")
	if err := h.DB.Settle(t.Context(), "keys_subject", "planted_voter"); err != nil {
		t.Error(err)
	}
	none(t, server, secrets, true)
	none(t, cfg.Data.Folder, secrets, false)
	if hits := newSearch(secrets).in(journal.Bytes()); len(hits) > 0 {
		t.Errorf("the journal holds %q", hits)
	}
}
