// SPDX-License-Identifier: Apache-2.0

package text_test

import (
	"strings"
	"testing"

	"hustings/fake/text"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/send"
)

func TestAMessageGoesToTheGateway(t *testing.T) {
	gateway, err := text.Start("AC1", "s3cret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gateway.Close() })
	open := func(secret string) *send.Texter {
		out, err := send.OpenTexts(send.TextSettings{Server: gateway.URL, Account: "AC1", Secret: hide.New(secret), From: "+15555550100"})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gateway.Refuse("+15555550199")
	for _, tt := range []struct {
		name, to, secret string
		broken           bool
		want             fault.Kind
		messages         int
	}{
		{"somebody", "555-555-0111", "s3cret", false, "", 1},
		{"somebody abroad", "+49 1555 0111222", "s3cret", false, "", 2},
		{"somebody with the plan's own 1", "1 (555) 555-0111", "s3cret", false, "", 3},
		{"somebody who wants none", "5555550199", "s3cret", false, fault.Invalid, 3},
		{"no number", "", "s3cret", false, fault.Invalid, 3},
		{"a wrong secret", "5555550111", "guess", false, fault.Unavailable, 3},
		{"a gateway that is out of order", "5555550111", "s3cret", true, fault.Unavailable, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gateway.Break(tt.broken)
			err := open(tt.secret).Text(t.Context(), tt.to, "Número: AB12")
			if fault.KindOf(err) != tt.want || len(gateway.Messages()) != tt.messages {
				t.Errorf("got %v, %d messages; want %q, %d", err, len(gateway.Messages()), tt.want, tt.messages)
			}
			if err != nil && (strings.Contains(err.Error(), "5555") || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("the error tells a number or the secret: %v", err)
			}
		})
	}
	for i, to := range []string{"+15555550111", "+4915550111222", "+15555550111"} {
		if got, want := gateway.Messages()[i], (text.Message{From: "+15555550100", To: to, Text: "Número: AB12"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	_ = gateway.Close()
	if err := open("s3cret").Text(t.Context(), "5555550111", "x"); fault.KindOf(err) != fault.Unavailable || strings.Contains(err.Error(), "5555550111") {
		t.Errorf("without a gateway: %v", err)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for _, s := range []send.TextSettings{
		{}, {Server: "http://gateway.example", Account: "AC1", From: "+15555550100"}, {Server: "https://AC1:secret@gateway.example", Account: "AC1", From: "+15555550100"},
		{Server: "https://gateway.example", From: "+15555550100"}, {Server: "https://gateway.example", Account: "AC1"},
	} {
		if _, err := send.OpenTexts(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
