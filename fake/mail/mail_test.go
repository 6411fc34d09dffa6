// SPDX-License-Identifier: Apache-2.0

package mail_test

import (
	"strings"
	"testing"

	"hustings/fake/mail"
	"hustings/kit/fault"
	"hustings/kit/send"
)

// What kit/send sends is judged by this server, which is not of its making.

func TestALetterGoesToTheServer(t *testing.T) {
	server, err := mail.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	m, err := send.Open(send.Settings{Server: "smtp://" + server.Addr, From: "elections@vale.example"})
	if err != nil {
		t.Fatal(err)
	}
	server.Refuse("nobody@example.com")
	for _, tt := range []struct {
		name, to string
		broken   bool
		want     fault.Kind
		letters  int
	}{
		{"somebody", "ann@example.com", false, "", 1},
		{"the same again", "ann@example.com", false, "", 2},
		{"a box that is not there", "nobody@example.com", false, fault.Invalid, 2},
		{"no address", "ann", false, fault.Invalid, 2},
		{"an address that brings a header along", "ann@example.com\r\nBcc: all@example.com", false, fault.Invalid, 2},
		{"a server that is out of order", "ann@example.com", true, fault.Unavailable, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server.Break(tt.broken)
			err := m.Mail(t.Context(), tt.to, "Su solicitud está aquí", "Número: AB12\n", "draft-1")
			if fault.KindOf(err) != tt.want || len(server.Letters()) != tt.letters {
				t.Errorf("got %v, %d letters; want %q, %d", err, len(server.Letters()), tt.want, tt.letters)
			}
			if err != nil && strings.Contains(err.Error(), "example.com") {
				t.Errorf("the error names the address: %v", err)
			}
		})
	}
	all := server.Letters()
	id := func(text string) string {
		_, rest, _ := strings.Cut(text, "Message-ID: ")
		line, _, _ := strings.Cut(rest, "\r")
		return line
	}
	if id(all[0].Text) == "" || id(all[0].Text) != id(all[1].Text) || all[0].From != "elections@vale.example" {
		t.Errorf("a letter that is sent twice is not the same: %q, %q", id(all[0].Text), id(all[1].Text))
	}
	if !strings.Contains(all[0].Text, "Auto-Submitted: auto-generated") || strings.Contains(all[0].Text, "draft-1") {
		t.Errorf("the letter: %s", all[0].Text)
	}
	_ = server.Close()
	if err := m.Mail(t.Context(), "ann@example.com", "x", "y", "z"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a server: %v", err)
	}
}

// TestNothingGoesInTheClear: towards another machine a server without TLS gets
// no letter.
func TestNothingGoesInTheClear(t *testing.T) {
	server, err := mail.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	m, err := send.Open(send.Settings{Server: "smtps://" + server.Addr, From: "elections@vale.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Mail(t.Context(), "ann@example.com", "x", "y", "z"); fault.KindOf(err) != fault.Unavailable || len(server.Letters()) != 0 {
		t.Errorf("got %v, %d letters", err, len(server.Letters()))
	}
}
