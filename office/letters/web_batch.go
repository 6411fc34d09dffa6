// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/words"
)

func batchPath(id string) string { return "/letters/batches/" + id }

func kindNames(p *words.Printer, list []Kind) string {
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = p.T("letters.kind." + string(k))
	}
	return strings.Join(out, ", ")
}

// batchView is the page of a batch.
type batchView struct {
	Batch
	done          int64 // letters of its file so far
	typed, wrongs map[string]string
}

func (s *Letters) showBatches(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Batches(r.Context())
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("letters.batches"), Wide: true, Body: batchesPage(p, list)})
}

func (s *Letters) makeBatchOf(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	var list []Kind
	for _, k := range r.PostForm["kind"] {
		list = append(list, Kind(k))
	}
	b, err := s.Make(r.Context(), list)
	if err != nil {
		return err
	}
	return web.Done(w, r, batchPath(b.ID), "letters.batch.begun")
}

func (s *Letters) showBatch(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Batch(r.Context(), r.PathValue("batch"))
	if err != nil {
		return err
	}
	v := batchView{Batch: b}
	if b.State == Making && b.Job != "" && s.Jobs != nil {
		j, err := s.Jobs.Get(r.Context(), s.Jurisdiction, b.Job)
		if err != nil {
			return err
		}
		v.done = j.Done
	}
	return s.batchPage(w, r, v, 0)
}

func (s *Letters) batchPage(w http.ResponseWriter, r *http.Request, v batchView, status int) error {
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("letters.batch"), Wide: true, Status: status, Body: batchPage(p, v)})
}

func (s *Letters) fetchFile(w http.ResponseWriter, r *http.Request) error {
	return s.Fetch(r.Context(), r.PathValue("batch"), func(b Batch) io.Writer {
		attach(w, "application/pdf", "letters-"+b.ID+".pdf")
		return w
	})
}

func (s *Letters) fetchCSV(w http.ResponseWriter, r *http.Request) error {
	b, lines, err := s.manifestOf(r)
	if err != nil {
		return err
	}
	attach(w, "text/csv; charset=utf-8", "letters-"+b.ID+".csv")
	return WriteCSV(w, lines)
}

func (s *Letters) fetchJSON(w http.ResponseWriter, r *http.Request) error {
	b, lines, err := s.manifestOf(r)
	if err != nil {
		return err
	}
	attach(w, "application/json", "letters-"+b.ID+".json")
	return WriteJSON(w, b, lines)
}

func (s *Letters) manifestOf(r *http.Request) (Batch, []Line, error) {
	b, err := s.Batch(r.Context(), r.PathValue("batch"))
	if err != nil {
		return b, nil, err
	}
	lines, err := s.Manifest(r.Context(), b.ID)
	return b, lines, err
}

// WriteCSV writes a manifest as a table.
func WriteCSV(w io.Writer, lines []Line) error {
	out, err := sheet.NewWriter(w, []string{"sequence", "letter", "kind", "language", "pages", "zip", "forwardable"}, sheet.Style{})
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := out.Write(strconv.FormatInt(l.Sequence, 10), Hyphens(l.Letter), string(l.Kind), l.Language, strconv.FormatInt(l.Pages, 10), l.ZIP, strconv.FormatBool(l.Forward)); err != nil {
			return err
		}
	}
	return out.Close()
}

// WriteJSON writes a manifest with what the printer's confirmation must say.
func WriteJSON(w io.Writer, b Batch, lines []Line) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Batch   string `json:"batch"`
		Letters int64  `json:"letters"`
		Pages   int64  `json:"pages"`
		SHA256  string `json:"sha256"`
		Lines   []Line `json:"lines"`
	}{b.ID, b.Letters, b.Pages, b.SHA256, lines})
}

// formFile is the file of a form; nil where none was chosen.
func formFile(r *http.Request) (multipart.File, string, error) {
	f, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	return f, head.Filename, nil
}

func (s *Letters) confirmBatch(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Batch(r.Context(), r.PathValue("batch"))
	if err != nil {
		return err
	}
	c, err := receiptOf(r, b)
	if err == nil {
		if err = s.Confirm(r.Context(), b.ID, c); err == nil {
			return web.Done(w, r, batchPath(b.ID), "letters.batch.done")
		}
	}
	v := batchView{Batch: b, typed: map[string]string{"sha256": r.FormValue("sha256"), "printed": r.FormValue("printed"), "spoiled": r.FormValue("spoiled")}}
	if b.State != Made {
		return err // its page has no form
	}
	if v.wrongs, err = wrongsOf(web.Words(r.Context()), err, "file"); err != nil {
		return err
	}
	return s.batchPage(w, r, v, http.StatusUnprocessableEntity)
}

// receiptOf reads a confirmation: the printer's file, or what was typed.
func receiptOf(r *http.Request, b Batch) (c Receipt, err error) {
	body, name, err := formFile(r)
	if err != nil {
		return c, err
	}
	typed := strings.TrimSpace(r.FormValue("sha256"))
	if body != nil {
		defer body.Close()
		if c, err = ReadReceipt(name, body); err == nil && c.SHA256 == "" {
			c.SHA256 = typed
		}
		return c, err
	}
	c.SHA256 = typed
	if c.Printed, err = strconv.ParseInt(strings.TrimSpace(r.FormValue("printed")), 10, 64); err != nil || c.Printed < 0 {
		return c, fault.On("printed", fault.New(fault.Invalid, "Say how many letters were printed and went out, as a number."))
	}
	c.Spoiled, err = ReadPlaces(r.FormValue("spoiled"), b.Letters)
	return c, err
}

func (s *Letters) cancelBatch(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("batch")
	if err := s.CancelBatch(r.Context(), id, strings.TrimSpace(r.FormValue("why"))); err != nil {
		return err
	}
	return web.Done(w, r, batchPath(id), "letters.batch.freed")
}
