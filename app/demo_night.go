// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"time"

	"hustings/election"
	"hustings/fake/county"
	"hustings/kit/fault"
	"hustings/office/results"
)

// demoNight plays an election night against the open doors: files arrive as
// real uploads with a token, and the approver signs in and approves as a
// person would, through the same addresses.
type demoNight struct {
	house    *House
	state    *demoState
	place    *county.County
	out      io.Writer
	length   time.Duration
	approver *http.Client
}

func (n *demoNight) election() election.ID { return n.place.Definition().Election.ID }

func (n *demoNight) office() string { return "http://" + n.house.Office }

// welcome tells a newcomer where to look and how to sign in.
func (n *demoNight) welcome() {
	fmt.Fprintf(n.out, "\n  %s\n\n", n.house.Config.Office.Name)
	fmt.Fprintf(n.out, "  What voters see     http://%s/\n", n.house.Public)
	fmt.Fprintf(n.out, "  Lobby screen        http://%s/results/%s/screen.html\n", n.house.Public, n.election())
	fmt.Fprintf(n.out, "  The office's desk   %s/results/%s\n\n", n.office(), n.election())
	for _, p := range n.state.SignIns {
		fmt.Fprintf(n.out, "  %-28s %-26s password %s\n", p.Name, p.Email, p.Password)
	}
	fmt.Fprintf(n.out, "\n  The polls have closed. The night takes about %s; sign in as the clerk or the viewer and watch.\n\n", n.length)
}

// play lets the deliveries arrive at their times, from where the last run
// stopped.
func (n *demoNight) play(ctx context.Context) error {
	if err := n.signInApprover(); err != nil {
		return err
	}
	if err := n.rehearse(ctx); err != nil {
		return err
	}
	night := n.place.Night()
	total, start := night[len(night)-1].At, startOf(night, n.state.Played)
	n.state.Clock.begin(total, n.length)
	if err := n.state.save(); err != nil {
		return err
	}
	began := time.Now()
	for i := n.state.Played; i < len(night); i++ {
		d := night[i]
		at := time.Duration(float64(d.At-start) / float64(total) * float64(n.length))
		if err := sleep(ctx, time.Until(began.Add(at))); err != nil {
			return err
		}
		if err := n.deliver(ctx, d); err != nil {
			return err
		}
		n.state.Played = i + 1
		if err := n.state.save(); err != nil {
			return err
		}
	}
	return nil
}

func startOf(night []county.Delivery, played int) time.Duration {
	if played == 0 {
		return 0
	}
	return night[min(played, len(night)-1)].At
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// rehearse runs the logic-and-accuracy deck through the whole chain, as the
// law asks before an election, and then goes live.
func (n *demoNight) rehearse(ctx context.Context) error {
	list, err := n.house.Results.Standing(system(n.house), n.election())
	if err != nil || len(list) == 0 || list[0].Mode == results.Live {
		return err
	}
	narrate(n.out, n.house, "Logic and accuracy test: a deck with known counts goes through the whole chain.")
	if err := n.deliver(ctx, n.place.Deck()); err != nil {
		return err
	}
	narrate(n.out, n.house, "The test pages show what the deck holds. Going live.")
	return n.house.Results.GoLive(system(n.house), n.election())
}

// answer is what the upload address says.
type answer struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Holds int    `json:"holds"`
	Again bool   `json:"again"`
	Href  string `json:"href"`
	Found []struct {
		Level   string `json:"level"`
		Message string `json:"message"`
	} `json:"findings"`
}

// deliver uploads one file and lets the approver decide about it.
func (n *demoNight) deliver(ctx context.Context, d county.Delivery) error {
	a, err := n.upload(ctx, d)
	if err != nil {
		return err
	}
	narrate(n.out, n.house, "%s sends %s. %s", d.SourceName, d.Name, d.Note)
	switch {
	case a.Again:
		narrate(n.out, n.house, "  The same content is here already; nothing changes.")
		return nil
	case a.State == string(results.Blocked):
		n.sayFindings(a, "block")
		return nil
	case a.Holds > 0 && d.Planted != "":
		n.sayFindings(a, "hold")
		narrate(n.out, n.house, "  Held. Have a look: %s%s", n.office(), a.Href)
		if err := sleep(ctx, n.length/16); err != nil {
			return err
		}
		if err := n.decide(a, "return", url.Values{"reason": {d.Planted}}); err != nil {
			return err
		}
		narrate(n.out, n.house, "  The approver sends it back: %s", d.Planted)
		return nil
	}
	if err := sleep(ctx, n.length/80); err != nil {
		return err
	}
	return n.approve(ctx, a)
}

func (n *demoNight) sayFindings(a answer, level string) {
	for _, f := range a.Found {
		if f.Level == level {
			narrate(n.out, n.house, "  %s", f.Message)
		}
	}
}

func (n *demoNight) upload(ctx context.Context, d county.Delivery) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		fmt.Sprintf("%s/api/results/%s/sources/%s/reports", n.office(), n.election(), d.Source), bytes.NewReader(d.Body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+n.state.Token)
	req.Header.Set("X-Filename", d.Name)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return a, err
	}
	if res.StatusCode >= 300 {
		return a, fault.New(fault.Internal, "the upload of %s was answered %s: %s", d.Name, res.Status, body)
	}
	return a, json.Unmarshal(body, &a)
}

// signInApprover signs the demo's second person in through the sign-in form.
func (n *demoNight) signInApprover() error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	n.approver = &http.Client{Jar: jar, Timeout: time.Minute}
	p := n.state.SignIns[2]
	return n.post(n.office()+"/sign-in", url.Values{"email": {p.Email}, "password": {p.Password}, "next": {"/account"}})
}

func (n *demoNight) post(to string, form url.Values) error {
	res, err := n.approver.PostForm(to, form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
		return fault.New(fault.Internal, "%s was answered %s: %s", to, res.Status, body)
	}
	return nil
}

func (n *demoNight) decide(a answer, what string, form url.Values) error {
	return n.post(n.office()+a.Href+"/"+what, form)
}

// approve approves what is held, on the version that is published now, and
// waits until the public can see it.
func (n *demoNight) approve(ctx context.Context, a answer) error {
	list, err := n.house.Results.Standing(system(n.house), n.election())
	if err != nil {
		return err
	}
	base := list[0].Version
	reason := ""
	if a.Holds > 0 {
		reason = "Compared with the tapes."
		n.sayFindings(a, "hold")
	}
	if err := n.decide(a, "approve", url.Values{"base": {strconv.FormatInt(base, 10)}, "reason": {reason}}); err != nil {
		return err
	}
	for {
		list, err := n.house.Results.Standing(system(n.house), n.election())
		if err != nil {
			return err
		}
		if list[0].Published > base {
			narrate(n.out, n.house, "  Approved by a second person and published as version %d: %d of %d precincts.",
				list[0].Published, list[0].Reported, list[0].Expected)
			return nil
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}
