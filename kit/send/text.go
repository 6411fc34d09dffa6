// SPDX-License-Identifier: Apache-2.0

package send

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// TextSettings say which carrier's gateway takes text messages, and for whom.
type TextSettings struct {
	Server  string // https://HOST of Twilio's interface, or of one that speaks as it does; http on this very machine alone
	Account string
	Secret  hide.String
	From    string // the office's number, +15555550100, or its short code
}

// Texter carries text messages by a gateway that speaks as Twilio's does: POST
// /2010-04-01/Accounts/ACCOUNT/Messages.json with To, From and Body, and the
// account's secret as Basic authentication.
type Texter struct {
	at     string
	s      TextSettings
	client *http.Client
}

// mostAnswer bounds what is read of a gateway's answer.
const mostAnswer = 64 << 10

// OpenTexts looks at the settings; it does not go to the gateway yet.
func OpenTexts(s TextSettings) (*Texter, error) {
	at, err := url.Parse(s.Server)
	if err != nil || at.Hostname() == "" || at.User != nil || at.Scheme != "https" && (at.Scheme != "http" || !here(at.Hostname())) {
		return nil, fault.New(fault.Invalid, "The gateway for text messages is %q; want https://HOST.", s.Server)
	}
	if s.Account == "" || s.From == "" {
		return nil, fault.New(fault.Invalid, "Text messages need the account at the gateway and the number that they come from.")
	}
	return &Texter{at: at.JoinPath("2010-04-01", "Accounts", s.Account, "Messages.json").String(), s: s, client: &http.Client{Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// here says whether a host is this very machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Text sends a text message to a telephone number: one of the North American
// plan, or one that begins with +, however their digits are parted. A fault of
// kind Invalid says that the gateway will not take it for this number, however
// often it is tried; one of kind Unavailable, that it may later. What is private
// does not belong into a text message.
func (t *Texter) Text(ctx context.Context, to, text string) error {
	body := url.Values{"To": {number(to)}, "From": {t.s.From}, "Body": {text}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.at, strings.NewReader(body.Encode()))
	if err != nil {
		return fault.Wrap(fault.Internal, err, "a text message")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(t.s.Account, t.s.Secret.Reveal())
	answer, err := t.client.Do(r)
	if err != nil {
		return fault.New(fault.Unavailable, "The gateway for text messages cannot be reached.") // the cause may name the number
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return fault.New(fault.Unavailable, "The gateway for text messages cannot be reached.")
	}
	if answer.StatusCode == http.StatusCreated {
		return nil
	}
	var why struct{ Code int }
	_ = json.Unmarshal(said, &why) // without a code the status says enough
	if answer.StatusCode == http.StatusBadRequest && notForThem[why.Code] {
		return fault.New(fault.Invalid, "The gateway takes no text messages for this number.")
	}
	return fault.New(fault.Unavailable, "The gateway for text messages did not take one; its answer was %s.", fmt.Sprintf("%d (%d)", answer.StatusCode, why.Code))
}

// number is a telephone number as ITU-T E.164 writes it.
func number(typed string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, typed)
	if strings.HasPrefix(typed, "+") || len(digits) == 11 && digits[0] == '1' {
		return "+" + digits
	}
	return "+1" + digits
}

// notForThem are the answers that say that a number gets no messages: invalid,
// not reachable, without permission for its region, unsubscribed, no mobile.
var notForThem = map[int]bool{21211: true, 21217: true, 21408: true, 21610: true, 21612: true, 21614: true}
