// SPDX-License-Identifier: Apache-2.0

// Package witness is a pretend outsider who countersigns the sealed log: it
// speaks C2SP tlog-witness over HTTP, remembers the newest checkpoint that it
// has signed of each log, and signs another only where a proof shows that
// nothing was taken back.
package witness

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Witness is the outsider. It is an http.Handler.
type Witness struct {
	Public string // its public key, for a policy

	signer *fnote.Signer
	logs   []note.Verifier
	mu     sync.Mutex // guards seen, signed and away
	seen   map[string]log.Checkpoint
	signed int
	away   bool
}

// New is a witness that knows the logs with these public keys.
func New(name string, logs ...string) (*Witness, error) {
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, err
	}
	w := &Witness{seen: make(map[string]log.Checkpoint)}
	if w.signer, err = fnote.NewSignerForCosignatureV1(private); err != nil {
		return nil, err
	}
	if w.Public, err = fnote.VKeyToCosignatureV1(public); err != nil {
		return nil, err
	}
	for _, key := range logs {
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		w.logs = append(w.logs, v)
	}
	return w, nil
}

// Signed is how many checkpoints it has countersigned.
func (w *Witness) Signed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.signed
}

// Leave makes the witness unavailable, or available again.
func (w *Witness) Leave(away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = away
}

// refusal is an answer other than a signature.
type refusal struct {
	status int
	kind   string
	body   string
}

func (r *refusal) Error() string { return r.body }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, "text/plain", fmt.Sprintf(format, args...)}
}

// ServeHTTP answers POST …/add-checkpoint.
func (w *Witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	sig, err := w.add(r)
	var no *refusal
	switch {
	case errors.As(err, &no):
		out.Header().Set("Content-Type", no.kind)
		out.WriteHeader(no.status)
		fmt.Fprintln(out, no.body)
	case err != nil:
		http.Error(out, err.Error(), http.StatusBadRequest)
	default:
		_, _ = out.Write(sig) // the log has gone if this fails
	}
}

func (w *Witness) add(r *http.Request) ([]byte, error) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		return nil, refuse(http.StatusNotFound, "only POST /add-checkpoint")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	old, path, text, err := read(string(body))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away {
		return nil, refuse(http.StatusServiceUnavailable, "away")
	}
	return w.countersign(old, path, text)
}

// read reads the request: "old N", the proof, an empty line, the checkpoint.
func read(body string) (old uint64, path [][]byte, text string, err error) {
	head, text, ok := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	size, isOld := strings.CutPrefix(lines[0], "old ")
	if !ok || !isOld || len(lines) > 64 {
		return 0, nil, "", errors.New("the request does not begin with an old size and a proof")
	}
	if old, err = strconv.ParseUint(size, 10, 63); err != nil {
		return 0, nil, "", err
	}
	for _, line := range lines[1:] {
		step, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return 0, nil, "", err
		}
		path = append(path, step)
	}
	return old, path, text, nil
}

// countersign signs what follows from what was signed before. The caller holds mu.
func (w *Witness) countersign(old uint64, path [][]byte, text string) ([]byte, error) {
	n, err := note.Open([]byte(text), note.VerifierList(w.logs...))
	if err != nil {
		return nil, refuse(http.StatusForbidden, "no known log has signed this: %v", err)
	}
	var cp log.Checkpoint
	if _, err := cp.Unmarshal([]byte(n.Text)); err != nil {
		return nil, err
	}
	before := w.seen[cp.Origin]
	switch {
	case old > cp.Size:
		return nil, refuse(http.StatusBadRequest, "the old size is larger than the new one")
	case old != before.Size:
		return nil, &refusal{http.StatusConflict, "text/x.tlog.size", strconv.FormatUint(before.Size, 10)}
	}
	if before.Size > 0 {
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, before.Size, cp.Size, path, before.Hash, cp.Hash); err != nil {
			return nil, refuse(http.StatusUnprocessableEntity, "the log took something back: %v", err)
		}
	}
	signed, err := note.Sign(&note.Note{Text: n.Text}, w.signer)
	if err != nil {
		return nil, err
	}
	w.seen[cp.Origin] = cp
	w.signed++
	_, sig, _ := strings.Cut(string(signed), "\n\n")
	return []byte(sig), nil
}
