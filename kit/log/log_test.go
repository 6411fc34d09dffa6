// SPDX-License-Identifier: Apache-2.0

package log

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"hustings/kit/who"
)

func TestALineCarriesItsRequest(t *testing.T) {
	var out bytes.Buffer
	l, err := New(&out, "json", "info")
	if err != nil {
		t.Fatal(err)
	}
	ctx := who.WithRequest(context.Background(), "r1")
	l.With("room", "results").InfoContext(ctx, "report held", "rows", 3)
	l.DebugContext(ctx, "not said")
	if got := out.String(); !strings.Contains(got, `"request":"r1"`) || !strings.Contains(got, `"rows":3`) || strings.Contains(got, "not said") {
		t.Errorf("got %s", got)
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for _, tt := range []struct{ format, level string }{{"xml", ""}, {"text", "loud"}} {
		if _, err := New(&bytes.Buffer{}, tt.format, tt.level); err == nil {
			t.Errorf("format %q level %q: want an error", tt.format, tt.level)
		}
	}
}
