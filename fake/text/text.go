// SPDX-License-Identifier: Apache-2.0

// Package text is a pretend carrier's gateway for text messages, for tests and
// the demo. It takes messages over real HTTP as Twilio's interface does and
// keeps them; it can be told to refuse a number, or to be out of order for a
// while.
package text

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Message is one that came.
type Message struct{ From, To, Text string }

// Gateway is a gateway on this machine.
type Gateway struct {
	URL string // http://127.0.0.1:PORT

	account, secret string
	http            *http.Server
	mu              sync.Mutex // guards the rest
	messages        []Message
	refused         string
	broken          bool
}

// mostText is how long a message may be: ten parts of 160 letters.
const mostText = 1600

// Start opens a gateway at a port of its own, for one account.
func Start(account, secret string) (*Gateway, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gateway{URL: "http://" + socket.Addr().String(), account: account, secret: secret}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", g.take)
	g.http = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = g.http.Serve(socket) }()
	return g, nil
}

// Close closes the gateway.
func (g *Gateway) Close() error { return g.http.Close() }

// Refuse has the gateway answer that a number takes no messages; "" for none.
func (g *Gateway) Refuse(number string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = number
}

// Break has the gateway answer that it is out of order, or not any more.
func (g *Gateway) Break(broken bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = broken
}

// Messages are those that came, the first first.
func (g *Gateway) Messages() []Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Message(nil), g.messages...)
}

func (g *Gateway) take(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	user, secret, _ := r.BasicAuth()
	m := Message{r.PostFormValue("From"), r.PostFormValue("To"), r.PostFormValue("Body")}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.broken:
		http.Error(w, "out of order", http.StatusServiceUnavailable)
	case user != g.account || r.PathValue("account") != g.account || subtle.ConstantTimeCompare([]byte(secret), []byte(g.secret)) == 0:
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
	case !strings.HasPrefix(m.To, "+") || len(m.To) < 8:
		refuse(w, http.StatusBadRequest, 21211, "Invalid 'To' Phone Number")
	case m.To == g.refused:
		refuse(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	case m.Text == "" || len(m.Text) > mostText:
		refuse(w, http.StatusBadRequest, 21617, "The concatenated message body exceeds the 1600 character limit")
	default:
		g.messages = append(g.messages, m)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": fmt.Sprintf("SM%032d", len(g.messages)), "status": "queued", "to": m.To, "from": m.From})
	}
}

func refuse(w http.ResponseWriter, status, code int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": why, "status": status})
}
