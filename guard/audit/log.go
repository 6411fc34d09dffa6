// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"hustings/guard/audit/tree"
	"hustings/kit/fault"
)

// How Tessera works for us: many leaves at a time, and a signed checkpoint
// soon enough that an entry is sealed within a second of its commit.
const (
	batchSize     = 1024
	batchAge      = 40 * time.Millisecond
	signEvery     = 200 * time.Millisecond
	witnessWithin = 2 * time.Second
	closeWithin   = 5 * time.Second
)

// log is the log's folder, opened for writing. One process has it at a time.
type log struct {
	folder   tree.Folder
	appender *tessera.Appender
	reader   tessera.LogReader
	size     uint64 // leaves that are in
	shutdown func(context.Context) error
	stop     context.CancelFunc // ends Tessera's goroutines
	lock     *os.File
}

// careful signs no checkpoint that would take back what was signed before: a
// witness would never sign for us again, and who has a receipt of a larger
// tree would rightly cry fraud.
type careful struct {
	note.Signer
	floor *atomic.Uint64
}

// Sign implements note.Signer.
func (c careful) Sign(text []byte) ([]byte, error) {
	cp, err := tree.Open(text, nil)
	if err != nil {
		return nil, err
	}
	if cp.Size < c.floor.Load() {
		return nil, fmt.Errorf("a checkpoint of %d leaves would take back one of %d", cp.Size, c.floor.Load())
	}
	sig, err := c.Signer.Sign(text)
	if err == nil {
		c.floor.Store(max(cp.Size, c.floor.Load()))
	}
	return sig, err
}

var quietly sync.Once

// hush sends what Tessera says to our own log, from warnings up. Its logger is
// one for the whole process.
func hush(l *slog.Logger) {
	quietly.Do(func() { klog.SetSlogLogger(slog.New(louder{l.Handler()})) })
}

// louder lets warnings and errors through.
type louder struct{ slog.Handler }

// Enabled implements slog.Handler.
func (louder) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// openLog opens the log in a folder, making it where there is none.
func openLog(ctx context.Context, folder string, signer note.Signer, witnesses *tessera.WitnessGroup, l *slog.Logger) (_ *log, err error) {
	hush(l)
	out := &log{folder: tree.Folder(folder)}
	if out.lock, err = lockFolder(folder); err != nil {
		return nil, err
	}
	// Tessera goes on until its context ends, which is when close has let it
	// finish; ours may end before.
	ctx, out.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			out.stop()
			_ = out.lock.Close()
		}
	}()
	driver, err := posix.New(ctx, posix.Config{Path: folder, HTTPClient: &http.Client{Timeout: witnessWithin}})
	if err != nil {
		return nil, err
	}
	opts := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(batchSize, batchAge).
		WithCheckpointInterval(signEvery).WithShutdownTimeout(closeWithin)
	if witnesses != nil {
		// A witness that cannot be reached must not keep the office's own seal
		// from being published; ready tells that its signature is missing.
		opts = opts.WithWitnesses(*witnesses, &tessera.WitnessOptions{Timeout: witnessWithin, FailOpen: true})
	}
	if out.appender, out.shutdown, out.reader, err = tessera.NewAppender(ctx, driver, opts); err != nil {
		return nil, fmt.Errorf("open the log in %s: %w", folder, err)
	}
	if out.size, err = out.reader.IntegratedSize(ctx); err != nil {
		return nil, fmt.Errorf("open the log in %s: %w", folder, err)
	}
	return out, nil
}

// lockFolder keeps other processes of this machine from writing into the log,
// whatever the lease says.
func lockFolder(folder string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Join(folder, ".state"), 0o755); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder of the sealed log %s cannot be made", folder)
	}
	f, err := os.OpenFile(filepath.Join(folder, ".state", "hustings.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder of the sealed log %s cannot be written", folder)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fault.Wrap(fault.Conflict, err, "another process writes into the sealed log %s", folder)
	}
	return f, nil
}

// close lets Tessera finish and ends its goroutines.
func (l *log) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	err := l.shutdown(ctx)
	l.stop()
	return errors.Join(err, l.lock.Close())
}

// add puts leaves behind those that are there, in order, and returns when they
// are in the tree on disk. A group of them goes at a time: Tessera hands a group
// on when it is full, or by a clock when it is old, and a group that the clock
// took could be passed by the next one.
func (l *log) add(ctx context.Context, leaves []byte) error {
	const group = batchSize * len(tree.Hash{})
	for len(leaves) > 0 {
		n := min(group, len(leaves))
		if err := l.addGroup(ctx, leaves[:n]); err != nil {
			return err
		}
		leaves = leaves[n:]
	}
	return nil
}

func (l *log) addGroup(ctx context.Context, leaves []byte) error {
	waiting := make([]tessera.IndexFuture, 0, batchSize)
	for len(leaves) > 0 {
		waiting = append(waiting, l.appender.Add(ctx, tessera.NewEntry(leaves[:len(tree.Hash{})])))
		leaves = leaves[len(tree.Hash{}):]
	}
	for _, f := range waiting {
		at, err := f()
		if err != nil {
			return fmt.Errorf("leaf %d: %w", l.size, err)
		}
		if at.Index != l.size {
			return fmt.Errorf("leaf %d came to stand at place %d: the order of leaves has to be settled", l.size, at.Index)
		}
		l.size++
	}
	return nil
}

// published waits until a signed checkpoint covers all leaves that are in.
func (l *log) published(ctx context.Context) (c Sealed, err error) {
	for {
		text, err := l.reader.ReadCheckpoint(ctx)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return c, err
		}
		if err == nil {
			cp, err := tree.Open(text, nil)
			if err != nil {
				return c, err
			}
			if cp.Size >= l.size {
				return Sealed{Size: cp.Size, Checkpoint: string(text)}, nil
			}
		}
		select {
		case <-ctx.Done():
			return c, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
