// SPDX-License-Identifier: Apache-2.0

// Package log sets up what the operator reads: one line per event through
// log/slog, with fixed messages and snake_case keys. What people did is not
// logged here but recorded in the ledger, with the change.
package log

import (
	"context"
	"io"
	"log/slog"

	"hustings/kit/fault"
	"hustings/kit/who"
)

// New returns a logger that writes to w: format is "text" or "json", level
// debug, info, warn or error (empty: info). Every line carries the id of the
// request that it belongs to.
func New(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if level != "" {
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return nil, fault.New(fault.Invalid, "log level %q is none of debug, info, warn, error", level)
		}
	}
	opts := &slog.HandlerOptions{Level: l}
	switch format {
	case "json":
		return slog.New(withRequest{slog.NewJSONHandler(w, opts)}), nil
	case "", "text":
		return slog.New(withRequest{slog.NewTextHandler(w, opts)}), nil
	}
	return nil, fault.New(fault.Invalid, "log format %q is neither text nor json", format)
}

// withRequest adds the request id of the context to each record.
type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if id := who.Request(ctx); id != "" {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}
