// SPDX-License-Identifier: Apache-2.0

package hustings

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hustings/kit/words"
)

// wings are the folders whose folders are rooms.
var wings = []string{"office", "public", "civic", "insight", "guard"}

// file is one Go file of the house.
type file struct {
	path string // slash-separated, from the root
	ast  *ast.File
}

func (f file) pkg() string  { return filepath.ToSlash(filepath.Dir(f.path)) }
func (f file) test() bool   { return strings.HasSuffix(f.path, "_test.go") }
func (f file) wing() string { w, _, _ := strings.Cut(f.path, "/"); return w }

// roomOf is "office/results" for anything in that room, or "".
func roomOf(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || !slices.Contains(wings, parts[0]) {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// house parses every Go file.
func house(t *testing.T) []file {
	t.Helper()
	var out []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, file{filepath.ToSlash(path), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWalls reads every import: election <- event <- rooms -> kit; format
// imports nothing of ours; a room never imports a room.
func TestWalls(t *testing.T) {
	for _, f := range house(t) {
		for _, imp := range f.ast.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			target, ours := strings.CutPrefix(path, "hustings/")
			if !ours {
				if f.wing() == "election" && !f.test() && strings.Contains(strings.Split(path, "/")[0], ".") {
					t.Errorf("%s imports %s: election uses the standard library alone", f.path, path)
				}
				continue
			}
			if why := forbidden(f, target); why != "" {
				t.Errorf("%s imports %s: %s", f.path, target, why)
			}
		}
	}
}

func forbidden(f file, target string) string {
	to, _, _ := strings.Cut(target, "/")
	allowed := map[string][]string{
		"election": {},
		"event":    {"election"},
		"format":   {"format"},
		"kit":      {"kit"},
		"web":      {},
		"fake":     {"election", "format", "kit", "fake"},
		"cmd":      {"app"},
	}
	if here := roomOf(f.path); here != "" {
		switch {
		case to == "election" || to == "event" || to == "kit" || to == "format" || roomOf(target) == here:
			return ""
		case to == "fake" && f.test(): // the pretend outside world is made for tests
			return ""
		case slices.Contains(lent, target):
			return ""
		case roomOf(target) != "":
			return "a room never imports a room; ask through an interface, or listen to a fact"
		}
		return "a room imports election, event, kit and format only"
	}
	if may, ruled := allowed[f.wing()]; ruled && !slices.Contains(may, to) {
		return fmt.Sprintf("%s imports %v only", f.wing(), may)
	}
	return ""
}

// lent are inner packages that other rooms may use: nouns and rules that think
// and touch nothing (docs/adr/0009). The pollbook has voters too, and forms are
// read by the same words as rolls.
var lent = []string{"office/registry/roll", "office/registry/rules", "office/registry/spell", "office/registry/place",
	"office/registry/match", "office/registry/file", "office/registry/gate", "office/registry/verify"}

// TestWhatIsLentOnlyThinks wants no database, page or ledger behind what rooms
// lend to each other.
func TestWhatIsLentOnlyThinks(t *testing.T) {
	for _, f := range house(t) {
		if !slices.Contains(lent, f.pkg()) || f.test() {
			continue
		}
		for _, imp := range f.ast.Imports {
			target := strings.TrimPrefix(strings.Trim(imp.Path.Value, `"`), "hustings/")
			touches := slices.Contains([]string{"kit/db", "kit/web", "kit/ledger", "kit/blob", "kit/publish", "kit/job"}, target)
			if touches || roomOf(target) != "" && !slices.Contains(lent, target) {
				t.Errorf("%s imports %s: what other rooms may use thinks only", f.path, target)
			}
		}
	}
}

// TestEveryPackageHasADoorPlate wants a package comment in one file of each
// package, and the licence on top of every file.
func TestEveryPackageHasADoorPlate(t *testing.T) {
	plates := make(map[string]bool)
	for _, f := range house(t) {
		if _, seen := plates[f.pkg()]; !seen {
			plates[f.pkg()] = false
		}
		if f.ast.Doc != nil && !f.test() {
			plates[f.pkg()] = true
		}
		if strings.HasSuffix(f.path, "_templ.go") {
			continue // its source carries the licence
		}
		body, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(body), "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not begin with its licence", f.path)
		}
	}
	for pkg, has := range plates {
		if !has && !testOnly(t, pkg) {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

func testOnly(t *testing.T, pkg string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(files, func(f string) bool { return !strings.HasSuffix(f, "_test.go") })
}

// TestExportedNamesAreDocumented wants a comment on every exported name that
// begins with the name.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range house(t) {
		if f.test() || strings.HasSuffix(f.path, "_templ.go") {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d)) && d.Doc == nil {
					t.Errorf("%s: func %s has no comment", f.path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil && ts.Comment == nil {
						t.Errorf("%s: type %s has no comment", f.path, ts.Name.Name)
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if gen, ok := typ.(*ast.IndexExpr); ok {
		typ = gen.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

var tableName = regexp.MustCompile(`(?i)\b(?:from|join|into|update|table(?: if not exists)?|on)\s+([a-z]+)_[a-z_]+`)

var sqlComment = regexp.MustCompile(`--[^\n]*`)

// TestARoomTouchesItsOwnTablesOnly reads the SQL of every room: each table that
// it names begins with the room's name.
func TestARoomTouchesItsOwnTablesOnly(t *testing.T) {
	check := func(path, sql string) {
		room := filepath.Base(roomOf(path))
		for _, m := range tableName.FindAllStringSubmatch(sql, -1) {
			if m[1] != room {
				t.Errorf("%s names a table of %s: %s", path, m[1], m[0])
			}
		}
	}
	for _, f := range house(t) {
		if roomOf(f.path) == "" || f.test() {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && looksLikeSQL(text) {
				check(f.path, text)
			}
			return true
		})
	}
	for _, wing := range wings {
		files, err := filepath.Glob(filepath.Join(wing, "*", "migrations", "*.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			check(filepath.ToSlash(f), sqlComment.ReplaceAllString(string(body), ""))
		}
	}
}

func looksLikeSQL(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(text)), " ")
	return slices.Contains([]string{"select", "insert", "update", "delete", "create", "with"}, first) && strings.Contains(text, "_")
}

// TestEveryWordIsSaidInEveryLanguage compares every words folder with English.
func TestEveryWordIsSaidInEveryLanguage(t *testing.T) {
	english, err := wordsFolders()
	if err != nil {
		t.Fatal(err)
	}
	if len(english) == 0 {
		t.Fatal("no words found")
	}
	seen := make(map[string]string)
	for _, en := range english {
		base := parse(t, en)
		prefix := keyPrefix(en)
		for key := range base {
			if other, twice := seen[key]; twice {
				t.Errorf("%s: %s is said in %s too", en, key, other)
			}
			seen[key] = en
			if !strings.HasPrefix(key, prefix) {
				t.Errorf("%s: key %s does not begin with %s", en, key, prefix)
			}
		}
		for _, tag := range words.Shipped()[1:] {
			for _, problem := range words.Lint(base, parse(t, filepath.Join(filepath.Dir(en), tag+".json")), tag) {
				t.Errorf("%s: %s", filepath.Dir(en), problem)
			}
		}
	}
}

// wordsFolders lists the English file of every words folder.
func wordsFolders() (out []string, err error) {
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err == nil && d.Name() == "en.json" && filepath.Base(filepath.Dir(path)) == "words" {
			out = append(out, path)
		}
		return err
	})
	return out, err
}

// keyPrefix is what keys of a words folder begin with: the room's name, or the
// package's.
func keyPrefix(path string) string {
	if room := roomOf(filepath.ToSlash(path)); room != "" {
		return filepath.Base(room) + "."
	}
	return filepath.Base(filepath.Dir(filepath.Dir(path))) + "."
}

func parse(t *testing.T, path string) map[string]words.Message {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return nil
	}
	m, err := words.Parse(body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return m
}

// TestFaultsOfRoomsAreTranslated finds every sentence of a fault in a room and
// wants it in every shipped language.
func TestFaultsOfRoomsAreTranslated(t *testing.T) {
	said := make(map[string]map[string]bool)
	folders, err := wordsFolders()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range words.Shipped()[1:] {
		said[tag] = make(map[string]bool)
		for _, en := range folders {
			for key := range parse(t, filepath.Join(filepath.Dir(en), tag+".json")) {
				said[tag][key] = true
			}
		}
	}
	for _, f := range house(t) {
		if f.test() || roomOf(f.path) == "" && f.pkg() != "kit/web" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			kind, sentence := faultOf(call)
			if sentence == "" || kind == "Internal" {
				return true
			}
			for tag, keys := range said {
				if !keys["fault: "+sentence] {
					t.Errorf("%s: not said in %q: %q", f.path, tag, sentence)
				}
			}
			return true
		})
	}
}

// faultOf returns the kind and the sentence of fault.New(kind, sentence, …) and
// fault.Wrap(kind, err, sentence, …).
func faultOf(call *ast.CallExpr) (kind, sentence string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "fault" {
		return "", ""
	}
	at := map[string]int{"New": 1, "Wrap": 2}[sel.Sel.Name]
	if at == 0 || len(call.Args) <= at {
		return "", ""
	}
	if k, ok := call.Args[0].(*ast.SelectorExpr); ok {
		kind = k.Sel.Name
	}
	if lit, ok := call.Args[at].(*ast.BasicLit); ok {
		sentence, _ = strconv.Unquote(lit.Value)
	}
	return kind, sentence
}
