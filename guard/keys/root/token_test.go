// SPDX-License-Identifier: Apache-2.0

//go:build pkcs11

package root

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hustings/kit/fault"
)

// softToken makes a token of SoftHSM in a folder of the test's own.
func softToken(t *testing.T) (module string) {
	t.Helper()
	for _, module = range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(module); err == nil {
			break
		}
	}
	util, err := exec.LookPath("softhsm2-util")
	if _, missing := os.Stat(module); err != nil || missing != nil {
		t.Skip("SoftHSM is not installed (softhsm2-util, libsofthsm2.so); the hardware token is not tested")
	}
	folder := t.TempDir()
	conf := filepath.Join(folder, "softhsm2.conf")
	tokens := filepath.Join(folder, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+tokens+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.Command(util, "--init-token", "--free", "--label", "hustings", "--pin", "1234", "--so-pin", "12345678").CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util: %v\n%s", err, out)
	}
	return module
}

func TestAHardwareToken(t *testing.T) {
	module := softToken(t)
	place := Place{URL: "pkcs11:" + module + "?token=hustings&key=root", Secret: secretFile(t, "1234")}
	if _, err := Open(t.Context(), place, false); fault.KindOf(err) != fault.NotFound {
		t.Errorf("where there must be a key already: got %v", err)
	}
	var open []Root
	again := func() Root {
		r, err := Open(t.Context(), place, true)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, r)
		return r
	}
	r := again()
	suite(t, r, again)
	gone, err := r.Forget(t.Context())
	if err != nil || len(gone) != 1 {
		t.Errorf("forgot %v, %v", gone, err)
	}
	for _, r := range open {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, bad := range map[string]Place{
		"a wrong PIN":   {place.URL, secretFile(t, "9999")},
		"no such token": {"pkcs11:" + module + "?token=other&key=root", place.Secret},
	} {
		if _, err := Open(t.Context(), bad, true); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
