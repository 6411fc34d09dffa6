// SPDX-License-Identifier: Apache-2.0

package hustings

import (
	"cmp"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the counts at the head of docs/rabetv.md and docs/asvs.md")

// The verdicts of a requirement.
const (
	met     = "met"
	partly  = "partly"
	notMet  = "not"
	notOurs = "not software"
	fewest  = 8 // letters that say something, in a cell that must
)

// requirement is a row of one of our two tables.
type requirement struct {
	line                     int
	id, asks, verdict, where string
	level                    int
	tests                    []string // "guard/identity TestSignIn"
}

// standard is a list of requirements that somebody else has made, and our table
// of how we meet it.
type standard struct {
	name, table, list string
	heads             map[int]string // level -> what its count is called
	official          func(column map[string]string) (id string, level int, text string, ours bool)
}

var standards = []standard{
	{"RABET-V", "docs/rabetv.md", "../shared/data/rabet-v/requirements.csv",
		map[int]string{1: "Level 1", 2: "Level 2", 3: "Level 3"}, rabetv},
	{"ASVS 5.0", "docs/asvs.md", "../shared/data/asvs/asvs-5.0.0.csv",
		map[int]string{1: "Level 1", 2: "Level 2"}, asvs},
}

func rabetv(c map[string]string) (string, int, string, bool) {
	level, _ := strconv.Atoi(c["maturity"])
	families := []string{"Authentication", "Authorization", "User Session Mgmt", "Secret Mgmt", "Logging and Alerting"}
	return c["id"], level, c["requirement"], slices.Contains(families, c["family"])
}

func asvs(c map[string]string) (string, int, string, bool) {
	level, _ := strconv.Atoi(c["L"])
	chapters := []string{"V6", "V7", "V8", "V11", "V16"}
	return c["req_id"], level, c["req_description"], level <= 2 && slices.Contains(chapters, c["chapter_id"])
}

var requirementID = regexp.MustCompile(`^V?\d+\.\d+\.\d+$`)

// readTable reads the rows of a table: | id | level | asks | verdict | where | test |
func readTable(t *testing.T, path string) (rows []requirement) {
	t.Helper()
	for i, line := range lines(t, path) {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		if !strings.HasPrefix(line, "|") || !requirementID.MatchString(cells[0]) {
			continue
		}
		if len(cells) != 6 {
			t.Errorf("%s:%d: %d cells, want id, level, what it asks, verdict, where, test", path, i+1, len(cells))
			continue
		}
		r := requirement{line: i + 1, id: cells[0], asks: cells[2], verdict: cells[3], where: cells[4]}
		var err error
		if r.level, err = strconv.Atoi(cells[1]); err != nil {
			t.Errorf("%s:%d: level %q is no number", path, i+1, cells[1])
		}
		for one := range strings.SplitSeq(cells[5], ";") {
			if one = strings.Trim(one, " `"); one != "" && one != "-" {
				r.tests = append(r.tests, one)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(body), "\n")
}

// TestEveryRequirementHasAVerdictAndATest wants of each row of both tables what
// it promises: a verdict; for what is met a test that is there; for the rest
// what is missing, or why it is not software's.
func TestEveryRequirementHasAVerdictAndATest(t *testing.T) {
	for _, s := range standards {
		for _, r := range readTable(t, s.table) {
			at := fmt.Sprintf("%s:%d: %s", s.table, r.line, r.id)
			switch {
			case !slices.Contains([]string{met, partly, notMet, notOurs}, r.verdict):
				t.Errorf("%s: %q is no verdict", at, r.verdict)
			case len(r.asks) < fewest:
				t.Errorf("%s does not say what it asks", at)
			case r.verdict == met && len(r.tests) == 0:
				t.Errorf("%s is said to be met, and no test shows it", at)
			case (r.verdict == partly || r.verdict == notMet) && !strings.Contains(r.where, "Missing:"):
				t.Errorf("%s does not say what is missing", at)
			case len(r.where) < fewest:
				t.Errorf("%s does not say where, or why not", at)
			}
			for _, one := range r.tests {
				if !testIsThere(one) {
					t.Errorf("%s names a test that is not there: %s", at, one)
				}
			}
		}
	}
}

// testIsThere says whether a package has a test; "." is the root.
func testIsThere(named string) bool {
	dir, name, ok := strings.Cut(named, " ")
	if !ok {
		return false
	}
	files, _ := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*_test.go")) // the pattern is well formed
	return slices.ContainsFunc(files, func(f string) bool {
		body, err := os.ReadFile(f)
		return err == nil && strings.Contains(string(body), "\nfunc "+name+"(")
	})
}

// officialList reads what a standard asks, or skips where it is not at hand.
func (s standard) officialList(t *testing.T) (out []requirement) {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(s.list))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here; it is data beside the repository", s.list)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		column := make(map[string]string, len(row))
		for i, name := range rows[0] {
			column[strings.TrimPrefix(name, "\ufeff")] = row[i]
		}
		if id, level, text, ours := s.official(column); ours {
			out = append(out, requirement{id: id, level: level, asks: text})
		}
	}
	if len(out) < 40 {
		t.Fatalf("%s: only %d requirements were found", s.list, len(out))
	}
	return out
}

// TestNoRequirementIsLeftOut holds our tables against the official lists: each
// id is there with its level, as often as in the list (RABET-V has 1.3.2 twice),
// and none besides.
func TestNoRequirementIsLeftOut(t *testing.T) {
	for _, s := range standards {
		t.Run(s.name, func(t *testing.T) {
			count := make(map[string]int)
			for _, r := range s.officialList(t) {
				count[fmt.Sprintf("%s of level %d", r.id, r.level)]++
			}
			for _, r := range readTable(t, s.table) {
				count[fmt.Sprintf("%s of level %d", r.id, r.level)]--
			}
			for _, key := range slices.Sorted(maps.Keys(count)) {
				if n := count[key]; n != 0 {
					t.Errorf("%s: the list has %d more of it than our table", key, n)
				}
			}
		})
	}
}

// shingle is how many words in a row may not be theirs.
const shingle = 8

// TestTheWordsOfTheTablesAreOurOwn: the licences of the lists do not go with
// ours, so nothing of their texts is copied.
func TestTheWordsOfTheTablesAreOurOwn(t *testing.T) {
	for _, s := range standards {
		t.Run(s.name, func(t *testing.T) {
			theirs := make(map[string]string)
			for _, r := range s.officialList(t) {
				for _, run := range shingles(r.asks) {
					theirs[run] = r.id
				}
			}
			for i, line := range lines(t, s.table) {
				for _, run := range shingles(line) {
					if id := theirs[run]; id != "" {
						t.Errorf("%s:%d: %q stands word for word in %s", s.table, i+1, run, id)
					}
				}
			}
		})
	}
}

var word = regexp.MustCompile(`[a-z0-9]+`)

func shingles(text string) (out []string) {
	words := word.FindAllString(strings.ToLower(text), -1)
	for i := 0; i+shingle <= len(words); i++ {
		out = append(out, strings.Join(words[i:i+shingle], " "))
	}
	return out
}

// TestTheCountsAreFresh computes the counts at the head of each table; with
// -update it writes them.
func TestTheCountsAreFresh(t *testing.T) {
	for _, s := range standards {
		rows, all := readTable(t, s.table), lines(t, s.table)
		fresh := slices.Clone(all)
		for _, level := range slices.Sorted(maps.Keys(s.heads)) {
			at := slices.IndexFunc(all, func(l string) bool { return strings.HasPrefix(l, "- "+s.heads[level]+": ") })
			if at < 0 {
				t.Errorf("%s has no line %q at its head", s.table, "- "+s.heads[level]+": …")
				continue
			}
			fresh[at] = "- " + s.heads[level] + ": " + counted(rows, level)
			if !*update && fresh[at] != all[at] {
				t.Errorf("%s:%d: the count is stale (go test . -run Counts -update)\n%s\nis now\n%s", s.table, at+1, all[at], fresh[at])
			}
		}
		if *update {
			if err := os.WriteFile(s.table, []byte(strings.Join(fresh, "\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// counted sums up the rows of a level.
func counted(rows []requirement, level int) string {
	n := make(map[string]int)
	for _, r := range rows {
		if r.level == level {
			n[r.verdict]++
		}
	}
	can := n[met] + n[partly] + n[notMet]
	return fmt.Sprintf("**%d met of the %d that software can meet (%.1f %%)**; %d partly, %d not; %d not software's.",
		n[met], can, 100*float64(n[met])/float64(cmp.Or(can, 1)), n[partly], n[notMet], n[notOurs])
}

// cryptographic are the imports that make a package one of the inventory; what
// is not among them is not used without a look at this list.
var cryptographic = map[string]bool{
	"crypto/aes": true, "crypto/cipher": true, "crypto/ecdsa": true, "crypto/ed25519": true, "crypto/elliptic": true, "crypto/hkdf": true,
	"crypto/fips140": true, "crypto/hmac": true, "crypto/md5": true, "crypto/pbkdf2": true, "crypto/rand": true, "crypto/rsa": true, "crypto/sha256": true, "crypto/sha512": true,
	"crypto/subtle": true, "crypto/tls": true, "crypto/x509": true, "crypto": true,
	"golang.org/x/crypto/argon2": true, "golang.org/x/mod/sumdb/note": true,
}

// cryptographicModules are those of which every package counts.
var cryptographicModules = []string{"github.com/tink-crypto/", "github.com/go-webauthn/", "github.com/pquerna/otp", "github.com/ThalesGroup/crypto11",
	"github.com/coreos/go-oidc", "github.com/go-jose/", "github.com/crewjam/saml", "github.com/russellhaering/goxmldsig", "github.com/transparency-dev/"}

// weak are modes and paddings that authenticate nothing.
var weak = []string{"NewCBCEncrypter", "NewCBCDecrypter", "NewCFBEncrypter", "NewCFBDecrypter", "NewOFB", "NewCTR", "EncryptPKCS1v15", "DecryptPKCS1v15"}

// product says whether a file is part of the program: not a test, not one of
// the fakes and benchmarks around it.
func (f file) product() bool {
	return !f.test() && f.wing() != "fake" && f.wing() != "bench" && f.wing() != "e2e" && !strings.HasSuffix(f.pkg(), "test")
}

func (f file) imports() (out []string) {
	for _, imp := range f.ast.Imports {
		path, _ := strconv.Unquote(imp.Path.Value) // the parser has read it
		out = append(out, path)
	}
	return out
}

// inventory are the packages that a section of docs/asvs.md lists.
func inventory(t *testing.T, section string) map[string]string {
	t.Helper()
	out, in := make(map[string]string), false
	for _, line := range lines(t, "docs/asvs.md") {
		if strings.HasPrefix(line, "## ") {
			in = line == "## "+section
		}
		if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); in && ok && strings.HasPrefix(line, "| `") {
			out[name] = rest
		}
	}
	if len(out) == 0 {
		t.Fatalf("docs/asvs.md has no section %q with a table", section)
	}
	return out
}

// TestCryptographyIsInTheInventory finds every package that encrypts, signs,
// hashes or draws random numbers, and wants it in the inventory; MD5 only where
// the inventory says which protocol wants it, and no mode that authenticates
// nothing.
func TestCryptographyIsInTheInventory(t *testing.T) {
	listed, used := inventory(t, "Cryptography"), make(map[string]bool)
	for _, f := range house(t) {
		if !f.product() {
			continue
		}
		for _, path := range f.imports() {
			known := cryptographic[path] || slices.ContainsFunc(cryptographicModules, func(m string) bool { return strings.HasPrefix(path, m) })
			if !known && (strings.HasPrefix(path, "crypto/") || strings.HasPrefix(path, "golang.org/x/crypto/")) {
				t.Errorf("%s imports %s, which is none of the algorithms that we use", f.path, path)
			}
			if !known {
				continue
			}
			used[f.pkg()] = true
			if listed[f.pkg()] == "" {
				t.Errorf("%s imports %s, and docs/asvs.md does not list the package under Cryptography", f.path, path)
			}
			if path == "crypto/md5" && !strings.Contains(listed[f.pkg()], "MD5") {
				t.Errorf("%s uses MD5, and the inventory does not say why it must", f.path)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(weak, sel.Sel.Name) {
				t.Errorf("%s uses %s", f.path, sel.Sel.Name)
			}
			return true
		})
	}
	for name := range listed {
		if !used[name] {
			t.Errorf("docs/asvs.md lists %s under Cryptography, which does nothing of the kind", name)
		}
	}
}

// guessable are the packages that may draw numbers that can be guessed: how long
// to wait before a write is tried again.
var guessable = []string{"kit/db"}

func TestSecretsAreNotDrawnFromGuessableNumbers(t *testing.T) {
	for _, f := range house(t) {
		for _, path := range f.imports() {
			if f.product() && strings.HasPrefix(path, "math/rand") && !slices.Contains(guessable, f.pkg()) {
				t.Errorf("%s imports %s; what must not be guessed comes from crypto/rand", f.path, path)
			}
		}
	}
}

// secretText are keys as they look in a file, and a name of a secret that is
// given a text.
var secretText = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY|PRIVATE\+KEY\+[^"+ ]+\+[0-9a-f]{8}\+|AKIA[0-9A-Z]{16}|AGE-SECRET-KEY-1|` +
	`(?i)\b(password|passwd|secret|token|apikey|api_key)\w*\s*:?=\s*"[^"{}%\s]{12,}"`)

// TestNoSecretIsInTheSource reads every file that the program is made of.
func TestNoSecretIsInTheSource(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir():
			if slices.Contains([]string{"node_modules", "testdata", "dist", ".git", "fake", "bench", "bin"}, name) {
				return filepath.SkipDir
			}
			return nil
		case strings.HasSuffix(name, "_test.go") || !slices.Contains([]string{".go", ".templ", ".sql", ".toml", ".json", ".service", ".ts", ".js", ".mjs", ".cedar", ""}, filepath.Ext(name)):
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for i, line := range strings.Split(string(body), "\n") {
			if found := secretText.FindString(line); found != "" {
				t.Errorf("%s:%d looks like a secret: %.40s", path, i+1, found)
			}
		}
		return nil
	})
	if err != nil || seen < 200 {
		t.Errorf("read %d files, %v", seen, err)
	}
}

// TestPasswordFieldsHideWhatIsTypedAndMayBePasted reads every page: a field for
// a password hides it, and leaves the helpers of browsers alone.
func TestPasswordFieldsHideWhatIsTypedAndMayBePasted(t *testing.T) {
	field := regexp.MustCompile(`<input[^>]*\bname="(?:password|current|repeat)"[^>]*>`)
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".templ" {
			return err
		}
		body, err := os.ReadFile(path)
		for _, input := range field.FindAllString(string(body), -1) {
			found++
			for _, want := range []string{`type="password"`, `autocomplete="`, `-password"`} {
				if !strings.Contains(input, want) {
					t.Errorf("%s: %s has no %s", path, input, want)
				}
			}
			if strings.Contains(input, "onpaste") || strings.Contains(input, "maxlength") {
				t.Errorf("%s: %s stands in the way of a password manager", path, input)
			}
		}
		return err
	})
	if err != nil || found < 3 {
		t.Errorf("found %d fields, %v", found, err)
	}
}

// askedFor are the fields that the pages of signing in and of accounts have: none
// asks what a mother was called.
var askedFor = []string{"email", "name", "password", "current", "repeat", "code", "key", "next", "to", "held", "level", "within",
	"ceremony", "answer", "username", "expires", "reason", "reset", "purpose", "scope", "person", "account", "note"}

func TestNobodyIsAskedASecretQuestion(t *testing.T) {
	name := regexp.MustCompile(`<(?:input|select|textarea)[^>]*\bname="([^"]+)"`)
	files, err := filepath.Glob("guard/identity/*.templ")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(body), -1) {
			if !slices.Contains(askedFor, m[1]) {
				t.Errorf("%s asks for %q", path, m[1])
			}
		}
	}
}

// TestTheProgramRunsWithFewRights reads how it is set up to run.
func TestTheProgramRunsWithFewRights(t *testing.T) {
	for path, want := range map[string][]string{
		"deploy/hustings.service": {"User=hustings", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes",
			"CapabilityBoundingSet=", "SystemCallFilter=@system-service", "MemoryDenyWriteExecute=yes", "UMask=0077"},
		"deploy/Containerfile": {"FROM gcr.io/distroless/static-debian12:nonroot"},
	} {
		all := lines(t, path)
		for _, line := range want {
			if !slices.Contains(all, line) {
				t.Errorf("%s has no line %s", path, line)
			}
		}
	}
}

// TestLogsGoWhereTheInventorySays: besides the ledger there is one log, which
// kit/log makes and the command line points somewhere. No package prints, and
// none opens a log of its own.
func TestLogsGoWhereTheInventorySays(t *testing.T) {
	for _, f := range house(t) {
		if !f.product() || f.wing() == "cmd" {
			continue
		}
		for _, path := range f.imports() {
			if path == "log" || path == "log/syslog" {
				t.Errorf("%s imports %s; logs go through log/slog as kit/log sets it up", f.path, path)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, _ := sel.X.(*ast.Ident)
			if pkg == nil {
				return true
			}
			switch name := pkg.Name + "." + sel.Sel.Name; name {
			case "fmt.Print", "fmt.Println", "fmt.Printf", "os.Stdout", "os.Stderr":
				t.Errorf("%s uses %s", f.path, name)
			case "slog.NewTextHandler", "slog.NewJSONHandler":
				if f.pkg() != "kit/log" {
					t.Errorf("%s opens a log of its own", f.path)
				}
			}
			return true
		})
	}
}
