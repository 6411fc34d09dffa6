// SPDX-License-Identifier: Apache-2.0

// Package mail is a pretend mail server, for tests and the demo. It takes
// letters over real SMTP and keeps them; it can be told to refuse an address,
// or to be out of order for a while.
package mail

import (
	"io"
	"net"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// Letter is one that came.
type Letter struct {
	From, To string
	Text     string // headers and body, as sent
}

// Server is a mail server on this machine.
type Server struct {
	Addr string // host and port

	smtp    *smtp.Server
	mu      sync.Mutex // guards the rest
	letters []Letter
	refused string
	broken  bool
}

// mostLetter bounds a letter.
const mostLetter = 1 << 20

// Start opens a server at a port of its own.
func Start() (*Server, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{Addr: socket.Addr().String()}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	s.smtp.Domain, s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = "mail.example", mostLetter, 1
	go func() { _ = s.smtp.Serve(socket) }()
	return s, nil
}

// Close closes the server.
func (s *Server) Close() error { return s.smtp.Close() }

// Refuse has the server refuse letters to an address for good; "" for none.
func (s *Server) Refuse(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = address
}

// Break has the server answer that it is out of order, or not any more.
func (s *Server) Break(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

// Letters are those that came, the first first.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// session is a conversation with a sender.
type session struct {
	server *Server
	letter Letter
}

// Mail implements smtp.Session.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.server.broken {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Out of order"}
	}
	c.letter.From = from
	return nil
}

// Rcpt implements smtp.Session.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.server.refused != "" && strings.EqualFold(to, c.server.refused) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	}
	c.letter.To = to
	return nil
}

// Data implements smtp.Session.
func (c *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.letter.Text = string(text)
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.letters = append(c.server.letters, c.letter)
	return nil
}

// Reset implements smtp.Session.
func (c *session) Reset() { c.letter = Letter{} }

// Logout implements smtp.Session.
func (c *session) Logout() error { return nil }
