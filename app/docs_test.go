// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/event"
	"hustings/guard/access"
	"hustings/kit/conf"
	"hustings/kit/web"
)

var update = flag.Bool("update", false, "rewrite the generated documents")

// openHouse opens a house in a temporary folder, without opening its doors.
func openHouse(t *testing.T) *House {
	t.Helper()
	cfg := Defaults()
	cfg.Data.Folder = t.TempDir()
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:vale"
	h, err := Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	if err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// TestGeneratedDocuments keeps docs/routes.txt, events.md, permissions.md and
// config.md what the program really has, so that a new public door or a new
// permission shows up in review.
func TestGeneratedDocuments(t *testing.T) {
	h := openHouse(t)
	for name, write := range map[string]func(io.Writer, *House){
		"routes.txt": writeRoutes, "events.md": writeEvents, "permissions.md": writePermissions, "config.md": writeConfig,
	} {
		var got bytes.Buffer
		write(&got, h)
		path := filepath.Join("..", "docs", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("docs/%s is not fresh (%v); run make docs and read the difference", name, err)
		}
	}
}

func writeRoutes(w io.Writer, h *House) {
	s, err := h.server()
	if err != nil {
		fmt.Fprintln(w, err)
		return
	}
	var lines []string
	for _, r := range s.Routes {
		door := r.Door
		if door == "" {
			door = web.OfficeDoor
		}
		lines = append(lines, fmt.Sprintf("%-7s %-7s %-62s %s", door, r.Method(), r.Path(), r.Needs))
	}
	slices.Sort(lines)
	fmt.Fprintln(w, "door    method  path                                                           needs")
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
}

func writeEvents(w io.Writer, _ *House) {
	fmt.Fprint(w, "# Facts\n\nWhat rooms tell one another and what the ledger keeps. A name never changes.\n\n| name | fields |\n|---|---|\n")
	for _, f := range event.All() {
		body, err := json.Marshal(f)
		if err != nil {
			fmt.Fprintln(w, err)
			continue
		}
		var fields map[string]any
		_ = json.Unmarshal(body, &fields) // it was just marshalled
		names := make([]string, 0, len(fields))
		for k := range fields {
			names = append(names, k)
		}
		slices.Sort(names)
		fmt.Fprintf(w, "| `%s` | %s |\n", f.Name(), strings.Join(names, ", "))
	}
}

func writePermissions(w io.Writer, h *House) {
	fmt.Fprint(w, "# Permissions\n\n| permission | allows to | roles |\n|---|---|---|\n")
	for _, r := range h.Rooms {
		for _, p := range r.Permissions {
			var holders []string
			for _, role := range access.Roles() {
				if slices.Contains(access.Permissions(role), p.Name) {
					holders = append(holders, string(role))
				}
			}
			fmt.Fprintf(w, "| `%s` | %s | %s |\n", p.Name, p.Doc, strings.Join(holders, ", "))
		}
	}
}

func writeConfig(w io.Writer, _ *House) {
	fmt.Fprint(w, "# Settings\n\nFrom the file given by `--config`, then from the environment. `hustings config print` shows those in force.\n\n")
	cfg := Defaults()
	if err := conf.Doc(w, &cfg); err != nil {
		fmt.Fprintln(w, err)
	}
}

// TestEveryPermissionIsRealAndHeld finds routes that need what no room
// declares, roles that hold what no room declares, and permissions that no
// role holds, which would lock everybody out.
func TestEveryPermissionIsRealAndHeld(t *testing.T) {
	h := openHouse(t)
	declared := make(map[string]bool)
	for _, r := range h.Rooms {
		for _, p := range r.Permissions {
			declared[p.Name] = true
			if !strings.HasPrefix(p.Name, r.Name+".") {
				t.Errorf("permission %s does not begin with its room %s", p.Name, r.Name)
			}
		}
	}
	for _, r := range h.Rooms {
		for _, route := range r.Routes {
			if route.Needs != web.Public && route.Needs != web.SignedIn && !declared[route.Needs] {
				t.Errorf("route %s needs %q, which no room declares", route.Pattern, route.Needs)
			}
		}
	}
	held := make(map[string]bool)
	for _, role := range access.Roles() {
		for _, p := range access.Permissions(role) {
			held[p] = true
			if !declared[p] {
				t.Errorf("role %s holds %q, which no room declares", role, p)
			}
		}
	}
	for p := range declared {
		if !held[p] {
			t.Errorf("no role holds %s", p)
		}
	}
}

// TestEveryFactIsInTheCatalogue wants every fact type of the event package in All.
func TestEveryFactIsInTheCatalogue(t *testing.T) {
	names := make(map[string]bool)
	for _, f := range event.All() {
		if names[f.Name()] {
			t.Errorf("%s is there twice", f.Name())
		}
		names[f.Name()] = true
	}
	files, err := filepath.Glob("../event/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(body), "Name() string { return \"")[1:] {
			name, _, _ := strings.Cut(part, `"`)
			if !names[name] {
				t.Errorf("%s tells %s, which event.All does not list", file, name)
			}
		}
	}
}

// TestPermissionsAreSaidInEveryLanguage looks for what each permission allows,
// as the screens of roles show it, in the languages that ship.
func TestPermissionsAreSaidInEveryLanguage(t *testing.T) {
	h := openHouse(t)
	for _, tag := range h.Config.Languages {
		p := h.Words.In(tag)
		for _, r := range h.Rooms {
			for _, one := range r.Permissions {
				if p.Doc(one.Doc) == one.Doc {
					t.Errorf("%s is not said in %q: add \"doc: %s\" to the words of %s", one.Name, tag, one.Doc, r.Name)
				}
			}
		}
	}
}
