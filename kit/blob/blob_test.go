// SPDX-License-Identifier: Apache-2.0

package blob_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/kit/blob"
	"hustings/kit/blob/blobtest"
	"hustings/kit/fault"
)

func TestFolder(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := blob.OpenURL(t.Context(), filepath.Join(t.TempDir(), "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestS3(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return openS3(t, newBucket(t)) })
}

func openS3(t *testing.T, b *bucket) blob.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte("[default]\naws_access_key_id = ann\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := blob.OpenURL(t.Context(), "s3://box/some/prefix?insecure=true&region=us-east-1&endpoint="+b.host+"&credentials="+path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A damaged blob is never mistaken for a whole one.
func TestADamagedBlobIsAnError(t *testing.T) {
	root := t.TempDir()
	inFolder, err := blob.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	b := newBucket(t)
	for _, tt := range []struct {
		name   string
		store  blob.Store
		damage func(key, content string)
	}{
		{"in a folder", inFolder, func(key, content string) {
			if err := os.WriteFile(filepath.Join(root, key[:2], key), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"in a bucket", openS3(t, b), func(key, content string) { b.set("some/prefix/"+key, []byte(content)) }},
	} {
		for _, content := range []string{"the Content", "the conten", "the content.", ""} {
			t.Run(fmt.Sprintf("%s, now %q", tt.name, content), func(t *testing.T) {
				key, err := tt.store.Put(t.Context(), []byte("the content"))
				if err != nil {
					t.Fatal(err)
				}
				tt.damage(key, content)
				if got, err := tt.store.Get(t.Context(), key); err == nil || !strings.Contains(err.Error(), "damaged") {
					t.Errorf("got %q, %v, want an error", got, err)
				}
				if _, err := tt.store.Put(t.Context(), []byte("the content")); err != nil {
					t.Fatal(err)
				}
				if got, err := tt.store.Get(t.Context(), key); err != nil || string(got) != "the content" {
					t.Errorf("after putting it in again: got %q, %v", got, err)
				}
			})
		}
	}
}

func TestWhatAKilledProcessLeftIsClearedAway(t *testing.T) {
	root := t.TempDir()
	tmp := filepath.Join(root, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"new-old": 25 * time.Hour, "new-young": time.Minute} {
		path := filepath.Join(tmp, name)
		when := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := blob.Open(root); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(tmp)
	if err != nil || len(list) != 1 || list[0].Name() != "new-young" {
		t.Errorf("got %v, %v, want only new-young", list, err)
	}
}

func TestOpenExplainsABadURL(t *testing.T) {
	host := newBucket(t).host
	for _, tt := range []struct {
		name, url, want string
		kind            fault.Kind
	}{
		{"no folder", "", "no folder is named", fault.Invalid},
		{"a folder that cannot be", "/dev/null/x", "the folder /dev/null/x cannot be made", fault.Invalid},
		{"no bucket", "s3:///x", "names no bucket", fault.Invalid},
		{"a setting that is not known", "s3://box/x?secret=y", `unknown setting "secret"`, fault.Invalid},
		{"a bucket that is not there", "s3://other/x?insecure=true&region=us-east-1&endpoint=" + host, "has no bucket other", fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_ACCESS_KEY_ID", "ann")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
			_, err := blob.OpenURL(t.Context(), tt.url)
			if got := fmt.Sprint(err); !strings.Contains(got, tt.want) || fault.KindOf(err) != tt.kind {
				t.Errorf("got %s fault %q, want %s %q", fault.KindOf(err), got, tt.kind, tt.want)
			}
		})
	}
}

// bucket is a pretend S3 server with one bucket, called box.
type bucket struct {
	host    string
	mu      sync.Mutex // guards objects
	objects map[string][]byte
}

func newBucket(t *testing.T) *bucket {
	b := &bucket{objects: map[string][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.host = strings.TrimPrefix(server.URL, "http://")
	return b
}

func (b *bucket) set(name string, content []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name] = content
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/box/")
	if !ok || !strings.Contains(r.Header.Get("Authorization"), "Credential=ann/") {
		http.Error(w, "", http.StatusNotFound)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case name == "" && r.Method == "GET":
		b.list(w, r)
	case name == "" && r.Method == "HEAD":
	case r.Method == "PUT":
		content, err := body(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b.objects[name] = content
		w.Header().Set("ETag", etag(content))
	case r.Method == "DELETE":
		delete(b.objects, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		b.get(w, r, name)
	}
}

func (b *bucket) get(w http.ResponseWriter, r *http.Request, name string) {
	content, ok := b.objects[name]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		if r.Method == "GET" {
			fmt.Fprint(w, `<Error><Code>NoSuchKey</Code></Error>`)
		}
		return
	}
	w.Header().Set("ETag", etag(content))
	http.ServeContent(w, r, "", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), bytes.NewReader(content))
}

func etag(content []byte) string {
	sum := md5.Sum(content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// list answers ListObjectsV2, seven objects to a page.
func (b *bucket) list(w http.ResponseWriter, r *http.Request) {
	type object struct {
		Key          string
		Size         int
		LastModified string
	}
	var answer struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []object
	}
	q := r.URL.Query()
	var names []string
	for name := range b.objects {
		if strings.HasPrefix(name, q.Get("prefix")) && name > q.Get("continuation-token") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 7 {
		names, answer.IsTruncated, answer.NextContinuationToken = names[:7], true, names[6]
	}
	for _, name := range names {
		answer.Contents = append(answer.Contents, object{name, len(b.objects[name]), "2026-01-02T03:04:05Z"})
	}
	xml.NewEncoder(w).Encode(answer)
}

// body reads what a PUT brings: plain, or in signed chunks over plain HTTP.
func body(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var content []byte
	in := bufio.NewReader(r.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(digits, 16, 64)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			return content, nil
		}
		chunk := make([]byte, size+2) // and the end of the line
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		content = append(content, chunk[:size]...)
	}
}
