// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hustings/kit/publish"
)

// pagePath is where both servers have the page.
const pagePath = "/results/x/page.html"

// makePage publishes a page of about 30 kB packed, and lays the same bytes out
// for nginx. It returns the packed size.
func makePage(dir string) (int, error) {
	quiet := publish.Options{Poll: -1, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	shelf, err := publish.Open(filepath.Join(dir, "shelf"), quiet)
	if err != nil {
		return 0, err
	}
	defer shelf.Close()
	draft, err := shelf.Begin("results/x")
	if err != nil {
		return 0, err
	}
	plain := resultsPage(21_000)
	if err := draft.Put("page.html", plain); err != nil {
		return 0, err
	}
	if _, err := draft.Commit(context.Background(), publish.Pointer{}); err != nil {
		return 0, err
	}
	packed := recorder{header: http.Header{}}
	req, _ := http.NewRequest("GET", "http://localhost"+pagePath, nil)
	req.Header.Set("Accept-Encoding", "gzip")
	shelf.ServeHTTP(&packed, req)
	root := filepath.Join(dir, "nginx", "root", "results", "x")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return 0, err
	}
	file := filepath.Join(root, "page.html")
	return packed.body.Len(), errors.Join(os.WriteFile(file, plain, 0o644), os.WriteFile(file+".gz", packed.body.Bytes(), 0o644))
}

// recorder keeps what the shelf answers.
type recorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorder) WriteHeader(int)             {}

// resultsPage is a table that packs to about n bytes: the random numbers in it
// are what does not shrink.
func resultsPage(n int) []byte {
	r := rand.New(rand.NewSource(1))
	var b bytes.Buffer
	b.WriteString("<!doctype html><html lang=\"en\"><head><title>Results</title></head><body><main><table class=\"usa-table\">")
	for i := range n / 13 {
		fmt.Fprintf(&b, "<tr><th scope=\"row\">Precinct %d</th><td class=\"text-right\">%d</td><td class=\"text-right\">%d</td><td class=\"text-right\">%d</td></tr>\n", i, r.Intn(100000), r.Intn(100000), r.Intn(1000000))
	}
	b.WriteString("</table></main></body></html>")
	return b.Bytes()
}

// server is one of the processes that are measured.
type server struct {
	name string
	url  string
	tag  string // its entity tag of the page
	cmd  *exec.Cmd
}

// startHustings runs this program again as the server.
func startHustings(name, shelf string, lane bool) (*server, error) {
	cmd := exec.Command(os.Args[0], "-serve", shelf, fmt.Sprintf("-lane=%v", lane))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	s := &server{name: name, url: "http://" + strings.TrimSpace(addr) + pagePath, cmd: cmd}
	if err == nil {
		err = s.ready()
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// serve is the server: a shelf behind net/http, with or without the fast lane.
func serve(dir string, lane bool) error {
	shelf, err := publish.Open(dir, publish.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer shelf.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	srv := &http.Server{Handler: shelf, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	if lane {
		ln = shelf.Lane(ln, publish.LaneOptions{})
	}
	return srv.Serve(ln)
}

const nginxConf = `%s
daemon off;
master_process on;
worker_processes auto;
pid %[2]s/nginx.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	tcp_nodelay on;
	keepalive_timeout 60s;
	keepalive_requests 100000000;
	open_file_cache max=100 inactive=60s;
	open_file_cache_valid 60s;
	types { text/html html; }
	gzip_static on;
	gzip_vary on;
	client_body_temp_path %[2]s/t1;
	proxy_temp_path %[2]s/t2;
	fastcgi_temp_path %[2]s/t3;
	uwsgi_temp_path %[2]s/t4;
	scgi_temp_path %[2]s/t5;
	server {
		listen 127.0.0.1:%[3]d backlog=4096;
		root %[2]s/root;
		charset utf-8;
		add_header Cache-Control "public, max-age=10, stale-while-revalidate=60";
	}
}
`

// startNginx runs nginx on the same page, set up as its own guides say for
// static files: sendfile, cached file handles, no access log.
func startNginx(dir string) (*server, error) {
	dir = filepath.Join(dir, "nginx")
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // its workers must read our temporary folder
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, user, dir, port), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command("nginx", "-p", dir, "-c", conf)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("nginx is needed for the comparison (apt install nginx wrk): %w", err)
	}
	s := &server{name: "nginx", url: "http://127.0.0.1:" + strconv.Itoa(port) + pagePath, cmd: cmd}
	if err := s.ready(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the server answers, and learns its tag for the page.
func (s *server) ready() error {
	req, err := http.NewRequest("GET", s.url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	for range 100 {
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			s.tag = resp.Header.Get("Etag")
			if resp.StatusCode == 200 && resp.Header.Get("Content-Encoding") == "gzip" && s.tag != "" {
				return nil
			}
			return fmt.Errorf("%s answers %s with headers %v", s.name, resp.Status, resp.Header)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer: %w", s.name, err)
}

// stop ends the server, and nginx's workers with it.
func (s *server) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		s.cmd.Process.Kill()
		<-done
	}
}
