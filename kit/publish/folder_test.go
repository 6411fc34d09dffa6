// SPDX-License-Identifier: Apache-2.0

package publish_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hustings/kit/publish"
	"hustings/kit/publish/exporttest"
)

func TestToAFolder(t *testing.T) {
	exporttest.Run(t, func(t testing.TB) (publish.Target, exporttest.Seen) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		f, err := publish.ToFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f, func(t testing.TB) map[string]string { return filesIn(t, dir) }
	})
}

// filesIn reads every file of a directory, and complains about empty folders
// and temporary files.
func filesIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(path, ".hustings-export") {
			return err
		}
		if d.IsDir() {
			if inside, _ := os.ReadDir(filepath.Join(dir, path)); len(inside) == 0 && path != "." {
				t.Errorf("the folder %s is empty", path)
			}
			return nil
		}
		if strings.HasSuffix(path, ".tmp") {
			t.Errorf("%s is left over", path)
		}
		body, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestALinkInTheFolderLeadsNowhere(t *testing.T) {
	s := exporttest.Shelf(t)
	exporttest.Publish(t, s, "x", map[string]string{"a/secret.txt": "1"})
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "x", "a")); err != nil {
		t.Fatal(err)
	}
	f, err := publish.ToFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := s.Export(t.Context(), f, publish.ExportOptions{}); err == nil {
		t.Error("no error")
	}
	if got := filesIn(t, outside); len(got) > 0 {
		t.Errorf("the copy went through the link: %v", got)
	}
}
