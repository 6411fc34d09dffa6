// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hustings/kit/fault"
)

func TestWhichAddressesAreSafe(t *testing.T) {
	for text, want := range map[string]bool{
		"https://vale.example/": true, "https://10.0.0.7:8443/x": true, "http://localhost:80/": true, "http://127.0.0.1:9/": true, "http://127.8.8.8/": true, "http://[::1]:9/": true,
		"http://vale.example/": false, "http://10.0.0.7/": false, "http://localhost.vale.example/": false, "http://127.0.0.1.vale.example/": false,
		"https://ann:secret@vale.example/": false, "https://": false, "https://:443/": false, "https:vale.example": false, "ftp://localhost/": false, "file:///etc/passwd": false, "": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Safe(u); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestAClientGoesNowhereElse(t *testing.T) {
	hits := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hits++; r.URL.Path == "/on" {
			http.Redirect(w, r, "/there", http.StatusFound)
		}
	}))
	defer s.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	authority, err := Authority(path)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Client(5*time.Second, authority).Get(s.URL + "/on")
	if err != nil || res.StatusCode != http.StatusFound || hits != 1 {
		t.Fatalf("got %v, %v, after %d requests", res, err, hits)
	}
	_ = res.Body.Close()
	if _, err := Client(5*time.Second, nil).Get(s.URL); err == nil {
		t.Error("a certificate that nobody vouches for was believed")
	}
	if _, err := Client(5*time.Second, nil).Get("http://192.0.2.1/"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an address in clear: %v", err)
	}
	for _, body := range []string{"", "no certificate"} {
		bad := filepath.Join(t.TempDir(), "bad.pem")
		if body != "" {
			if err := os.WriteFile(bad, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Authority(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %v", body, err)
		}
	}
}
