// SPDX-License-Identifier: Apache-2.0

package bucket

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"hustings/kit/fault"
	"hustings/kit/publish"
	"hustings/kit/publish/exporttest"
)

const (
	testKey    = "AKIAHUSTINGS"
	testSecret = "a secret that only the test knows"
	testRegion = "us-west-2"
	testBucket = "county-results"
)

// store is a small S3: it keeps objects of one bucket, checks the signature of
// every request as AWS specifies it (Signature Version 4), and compares the
// checksums that come with a body.
type store struct {
	t       testing.TB
	mu      sync.Mutex // guards everything below
	objects map[string]object
	busy    int // answer this many requests with "slow down" first
}

type object struct {
	body         string
	contentType  string
	cacheControl string
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, 400, "IncompleteBody")
		return
	}
	if s.busy > 0 {
		s.busy--
		refuse(w, 503, "SlowDown")
		return
	}
	if want := signature(r); !strings.HasSuffix(r.Header.Get("Authorization"), "Signature="+want) {
		refuse(w, 403, "SignatureDoesNotMatch")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket != testBucket {
		refuse(w, 404, "NoSuchBucket")
		return
	}
	switch r.Method {
	case "PUT":
		s.put(w, r, key, body)
	case "GET":
		s.get(w, key)
	case "DELETE":
		delete(s.objects, key)
		w.WriteHeader(204)
	default:
		refuse(w, 405, "MethodNotAllowed")
	}
}

func (s *store) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	sha, sum := sha256.Sum256(body), md5.Sum(body)
	if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sha[:]) {
		refuse(w, 400, "XAmzContentSHA256Mismatch")
		return
	}
	if r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]) {
		refuse(w, 400, "BadDigest")
		return
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" {
		s.t.Errorf("%s: bodies go up plain, not %s", key, enc)
	}
	s.objects[key] = object{string(body), r.Header.Get("Content-Type"), r.Header.Get("Cache-Control")}
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
}

func (s *store) get(w http.ResponseWriter, key string) {
	o, ok := s.objects[key]
	if !ok {
		refuse(w, 404, "NoSuchKey")
		return
	}
	sum := md5.Sum([]byte(o.body))
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.Header().Set("Last-Modified", "Tue, 03 Nov 2026 12:00:00 GMT")
	w.Header().Set("Content-Type", o.contentType)
	io.WriteString(w, o.body)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

// signature computes Signature Version 4 over a request with the key that the
// test knows.
func signature(r *http.Request) string {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	signed, _, _ := strings.Cut(rest, ",")
	var headers strings.Builder
	for name := range strings.SplitSeq(signed, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	date := r.Header.Get("X-Amz-Date")
	day := date[:min(8, len(date))]
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), canonicalQuery(r.URL.Query()), headers.String(), signed, r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	hash := sha256.Sum256([]byte(canonical))
	scope := day + "/" + testRegion + "/s3/aws4_request"
	key := []byte("AWS4" + testSecret)
	for _, part := range []string{day, testRegion, "s3", "aws4_request", "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex.EncodeToString(hash[:])} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

func canonicalQuery(q url.Values) string {
	var parts []string
	for name, values := range q {
		for _, v := range values {
			parts = append(parts, url.QueryEscape(name)+"="+strings.ReplaceAll(url.QueryEscape(v), "+", "%20"))
		}
	}
	sort.Strings(parts)
	return strings.Join(parts, "&")
}

// start runs a store and opens a bucket on it.
func start(t testing.TB, prefix string) (*store, *Bucket) {
	t.Helper()
	s := &store{t: t, objects: map[string]object{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, connect(t, srv.URL, prefix, testSecret, testBucket)
}

func connect(t testing.TB, url, prefix, secret, name string) *Bucket {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(Options{
		Endpoint: strings.TrimPrefix(url, "http://"), Region: testRegion, Name: name, Prefix: prefix,
		AccessKey: testKey, SecretFile: file, Plain: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestToABucket(t *testing.T) {
	for _, prefix := range []string{"", "public/"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			exporttest.Run(t, func(t testing.TB) (publish.Target, exporttest.Seen) {
				s, b := start(t, prefix)
				return b, func(t testing.TB) map[string]string {
					s.mu.Lock()
					defer s.mu.Unlock()
					all := map[string]string{}
					for key, o := range s.objects {
						path, ok := strings.CutPrefix(key, prefix)
						if !ok {
							t.Errorf("%s lies outside of the prefix", key)
						}
						if !strings.HasPrefix(path, ".hustings-export/") {
							all[path] = o.body
						}
					}
					return all
				}
			})
		})
	}
}

func TestTypesAndCaching(t *testing.T) {
	s, b := start(t, "")
	shelf := exporttest.Shelf(t)
	exporttest.Publish(t, shelf, "x", map[string]string{"index.html": strings.Repeat("page ", 200), "ä b/votes.csv": "a,b"})
	if _, err := shelf.Export(t.Context(), b, publish.ExportOptions{Archive: true}); err != nil {
		t.Fatal(err)
	}
	const short, forever = "public, max-age=10, stale-while-revalidate=60", "public, max-age=31536000, immutable"
	for key, want := range map[string]object{
		"x/index.html":       {strings.Repeat("page ", 200), "text/html; charset=utf-8", short},
		"x/v1/index.html":    {strings.Repeat("page ", 200), "text/html; charset=utf-8", forever},
		"x/ä b/votes.csv":    {"a,b", "text/csv; charset=utf-8", short},
		"x/v1/ä b/votes.csv": {"a,b", "text/csv; charset=utf-8", forever},
	} {
		if got := s.objects[key]; got != want {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
	if got := s.objects["x/current.json"]; got.contentType != "application/json" || got.cacheControl != short {
		t.Errorf("the pointer: got %+v", got)
	}
}

func TestABusyStoreIsAskedAgain(t *testing.T) {
	s, b := start(t, "")
	s.busy = 2
	if err := b.Put(t.Context(), publish.Copy{Path: "a", Body: []byte("1"), Sum: sha256.Sum256([]byte("1")), Type: "text/plain"}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get(t.Context(), "a"); err != nil || string(got) != "1" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWhatTheStoreRefuses(t *testing.T) {
	srv := httptest.NewServer(&store{t: t, objects: map[string]object{}})
	defer srv.Close()
	shelf := exporttest.Shelf(t)
	exporttest.Publish(t, shelf, "x", map[string]string{"a": "1"})
	for name, b := range map[string]*Bucket{
		"another secret": connect(t, srv.URL, "", "a wrong secret", testBucket),
		"another bucket": connect(t, srv.URL, "", testSecret, "no-such-bucket"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shelf.Export(t.Context(), b, publish.ExportOptions{}); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a body that was changed on the way", func(t *testing.T) {
		b := connect(t, srv.URL, "", testSecret, testBucket)
		if err := b.Put(t.Context(), publish.Copy{Path: "a", Body: []byte("1"), Sum: sha256.Sum256([]byte("2"))}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("no secret file", func(t *testing.T) {
		if _, err := Open(Options{Endpoint: "localhost", Name: testBucket, SecretFile: filepath.Join(t.TempDir(), "none")}); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an endpoint that is none", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "secret")
		os.WriteFile(file, []byte("s"), 0o600)
		if _, err := Open(Options{Endpoint: "http://a/b", Name: testBucket, SecretFile: file}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v", err)
		}
	})
}
