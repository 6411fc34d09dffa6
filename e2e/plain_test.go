// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// person is somebody at a browser that runs no scripts.
type person struct {
	*office
	client *http.Client
}

func (o *office) signIn(email string) *person {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	p := &person{o, &http.Client{Jar: jar}}
	p.post("/sign-in", url.Values{"email": {email}, "password": {password}, "next": {"/account"}})
	return p
}

func (p *person) get(path string) string {
	p.t.Helper()
	res, err := p.client.Get("http://" + p.Office + path)
	p.must(err)
	return p.body(res)
}

func (p *person) post(path string, form url.Values) string {
	p.t.Helper()
	res, err := p.client.PostForm("http://"+p.Office+path, form)
	p.must(err)
	return p.body(res)
}

// send posts a form with a file.
func (p *person) send(path string, fields map[string]string, name, content string) *http.Response {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		p.must(form.WriteField(k, v))
	}
	file, err := form.CreateFormFile("file", name)
	p.must(err)
	_, err = io.WriteString(file, content)
	p.must(err)
	p.must(form.Close())
	res, err := p.client.Post("http://"+p.Office+path, form.FormDataContentType(), &body)
	p.must(err)
	return res
}

func (p *person) body(res *http.Response) string {
	p.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	p.must(err)
	if res.StatusCode >= 300 {
		p.t.Fatalf("%s: %s\n%s", res.Request.URL, res.Status, body)
	}
	return string(body)
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	out, _, _ := strings.Cut(rest, after)
	return out
}
