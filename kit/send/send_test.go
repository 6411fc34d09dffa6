// SPDX-License-Identifier: Apache-2.0

package send_test

import (
	"testing"

	"hustings/kit/fault"
	"hustings/kit/send"
)

func TestSettingsThatCannotBe(t *testing.T) {
	for _, s := range []send.Settings{
		{}, {Server: "mail.vale.example:25", From: "a@vale.example"}, {Server: "http://mail.vale.example", From: "a@vale.example"},
		{Server: "smtp://ann:secret@mail.vale.example", From: "a@vale.example"}, {Server: "smtp://mail.vale.example", From: "elections"},
	} {
		if _, err := send.Open(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
