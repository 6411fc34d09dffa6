// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"hustings/kit/fault"
)

var errDisk = errors.New("open /var/lib/secret/path: permission denied")

func TestKindAndSentence(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		kind fault.Kind
		say  string
	}{
		{"nothing went wrong", nil, "", ""},
		{"a stranger's error is ours, and says nothing", errDisk, fault.Internal, fault.Apology},
		{"a fault says its sentence", fault.New(fault.NotFound, "no report %s", "r9"), fault.NotFound, "no report r9"},
		{"a per cent sign without arguments stays", fault.New(fault.Invalid, "turnout is over 100%"), fault.Invalid, "turnout is over 100%"},
		{"the cause is not told", fault.Wrap(fault.Unavailable, errDisk, "the file store is down"), fault.Unavailable, "the file store is down"},
		{"an internal sentence is not told either", fault.Wrap(fault.Internal, errDisk, "read %v", errDisk), fault.Internal, fault.Apology},
		{"a fault is found under a wrap", fmt.Errorf("approve: %w", fault.New(fault.Denied, "ask a second person")), fault.Denied, "ask a second person"},
		{"the outer fault speaks", fault.Wrap(fault.Invalid, fault.New(fault.NotFound, "inner"), "outer"), fault.Invalid, "outer"},
		{"without a sentence the cause speaks", &fault.Error{Kind: fault.Invalid, Err: fault.New(fault.Invalid, "line 3 is bad")}, fault.Invalid, "line 3 is bad"},
		{"without a sentence a stranger's cause stays silent", &fault.Error{Kind: fault.Invalid, Err: errDisk}, fault.Invalid, fault.Apology},
		{"a bare kind has plain words", &fault.Error{Kind: fault.Gone}, fault.Gone, "This is no longer here."},
		{"no kind takes that of the cause", &fault.Error{Err: fault.New(fault.TooMany, "wait")}, fault.TooMany, "wait"},
		{"no kind and no cause is internal", &fault.Error{Say: "hm"}, fault.Internal, fault.Apology},
		{"joined faults each have a line", errors.Join(fault.New(fault.Invalid, "a"), fault.New(fault.Invalid, "b")), fault.Invalid, "a\nb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.KindOf(tt.err); got != tt.kind {
				t.Errorf("KindOf: got %q, want %q", got, tt.kind)
			}
			if got := fault.Sentence(tt.err); got != tt.say {
				t.Errorf("Sentence: got %q, want %q", got, tt.say)
			}
		})
	}
}

func TestOnNamesTheFieldOfACopy(t *testing.T) {
	if err := fault.On("name", nil); err != nil {
		t.Fatalf("no error on a field: got %v, want nil", err)
	}
	first := fault.New(fault.Invalid, "too long")
	named := fault.On("name", fmt.Errorf("check: %w", first))
	var f *fault.Error
	if !errors.As(named, &f) || f.Field != "name" || f.Kind != fault.Invalid {
		t.Fatalf("got %#v, want an invalid fault on name", named)
	}
	if first.Field != "" {
		t.Errorf("the first fault was changed: field %q", first.Field)
	}
	if got, want := named.Error(), "name: too long"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fault.Sentence(fault.On("name", errDisk)); got != fault.Apology {
		t.Errorf("a stranger's error on a field: got %q, want the apology", got)
	}
}

func TestTheCauseCanBeFound(t *testing.T) {
	err := fault.Wrap(fault.Invalid, fmt.Errorf("open: %w", fs.ErrNotExist), "the file could not be read")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("errors.Is does not see the cause")
	}
	if got, want := err.Error(), "the file could not be read: open: file does not exist"; got != want {
		t.Errorf("for the operator: got %q, want %q", got, want)
	}
}

func TestAllListsEachBranchOnce(t *testing.T) {
	form := fmt.Errorf("form: %w", errors.Join(
		fault.On("first", fault.New(fault.Invalid, "missing")),
		errDisk,
		fault.On("last", fault.Wrap(fault.Invalid, fault.New(fault.Invalid, "inner"), "too long")),
	))
	all := fault.All(form)
	if len(all) != 2 || all[0].Field != "first" || all[1].Field != "last" {
		t.Errorf("got %v, want the faults on first and last", all)
	}
}
