// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/web"
)

// largestFile is how large a file may be that is handed in on a page; larger
// ones are loaded at the machine itself.
const largestFile = 64 << 20

// filesView is the page of files of applications.
type filesView struct {
	list  []Batch
	wrong string
}

func (s *Intake) showFiles(w http.ResponseWriter, r *http.Request) error {
	return s.filesPage(w, r, nil)
}

func (s *Intake) filesPage(w http.ResponseWriter, r *http.Request, wrong error) (err error) {
	p := web.Words(r.Context())
	var v filesView
	if v.list, err = s.Batches(r.Context(), pageSize); err != nil {
		return err
	}
	status := 0
	if wrong != nil {
		v.wrong, status = p.Sentence(wrong), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.files"), Wide: true, Status: status, Body: filesPage(p, v)})
}

func (s *Intake) saveFile(w http.ResponseWriter, r *http.Request) error {
	source := ""
	for part, err := range web.Parts(r) {
		if err != nil {
			return err
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read.")
		}
		if part.FormName() == "source" && len(body) < 100 {
			source = string(body)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		b, err := s.Load(r.Context(), part.FileName(), source, bytes.NewReader(body))
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.TooLarge {
			return s.filesPage(w, r, err)
		}
		if err != nil {
			return err
		}
		return web.Done(w, r, "/intake/files/"+b.ID, "intake.said."+b.said(), "n", strconv.FormatInt(b.Fresh, 10))
	}
	return s.filesPage(w, r, fault.On("file", fault.New(fault.Invalid, "Choose a file first.")))
}

// said is what is said of a file that was handed in.
func (b *Batch) said() string {
	switch {
	case b.State == "held":
		return "held"
	case b.Fresh == 0:
		return "again"
	}
	return "loaded"
}

// fileView is the page of one file.
type fileView struct {
	Batch
	ends  map[string]int
	bad   []Row
	more  int
	wrong string
}

// mostBad is how many unusable lines a page lists; the table has all.
const mostBad = 200

func (s *Intake) showFile(w http.ResponseWriter, r *http.Request) error {
	return s.filePage(w, r, nil)
}

func (s *Intake) filePage(w http.ResponseWriter, r *http.Request, wrong error) (err error) {
	ctx, p := r.Context(), web.Words(r.Context())
	v := fileView{ends: map[string]int{}}
	if v.Batch, err = s.batch(ctx, s.DB, `id = $2`, r.PathValue("delivery")); err != nil {
		return err
	}
	if err := s.Rows(ctx, v.ID, func(row Row) error {
		v.ends[row.Outcome]++
		if row.Outcome == "unusable" {
			if len(v.bad) < mostBad {
				v.bad = append(v.bad, row)
			} else {
				v.more++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	status := 0
	if wrong != nil {
		v.wrong, status = p.Sentence(wrong), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.file"), Wide: true, Status: status, Body: filePage(p, v)})
}

func (s *Intake) releaseFile(w http.ResponseWriter, r *http.Request) error {
	err := s.Release(r.Context(), r.PathValue("delivery"), r.FormValue("why"))
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return s.filePage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/intake/files/"+r.PathValue("delivery"), "intake.said.released")
}

// fileLines gives every line of a file with what became of it, as a table.
func (s *Intake) fileLines(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.batch(ctx, s.DB, `id = $2`, r.PathValue("delivery"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="lines-`+b.ID+`.csv"`)
	return LinesOf(ctx, s, b.ID)(w)
}

// LinesOf writes every line of a file with what became of it, as a table (CSV).
func LinesOf(ctx context.Context, s *Intake, batch string) func(io.Writer) error {
	return func(w io.Writer) error {
		out, err := sheet.NewWriter(w, []string{"line", "outcome", "reason", "field", "what"}, sheet.Style{Guard: true})
		if err != nil {
			return err
		}
		if err := s.Rows(ctx, batch, func(row Row) error {
			return out.Write(strconv.Itoa(row.Line), row.Outcome, row.Reason, row.Field, row.What)
		}); err != nil {
			return err
		}
		return out.Close()
	}
}

// drivesView is the page of registration drives.
type drivesView struct {
	list  []Drive
	wrong string
	today election.Date
}

func (s *Intake) showDrives(w http.ResponseWriter, r *http.Request) error {
	return s.drivesPage(w, r, nil)
}

func (s *Intake) drivesPage(w http.ResponseWriter, r *http.Request, wrong error) (err error) {
	p := web.Words(r.Context())
	v := drivesView{today: election.Date(s.Now().In(s.Zone).Format("2006-01-02"))}
	if v.list, err = s.Drives(r.Context()); err != nil {
		return err
	}
	status := 0
	if wrong != nil {
		v.wrong, status = p.Sentence(wrong), http.StatusUnprocessableEntity
	}
	return web.Show(w, r, web.Page{Title: p.T("intake.drives"), Wide: true, Status: status, Body: drivesPage(p, v)})
}

func (s *Intake) saveDrive(w http.ResponseWriter, r *http.Request) error {
	days, _ := strconv.Atoi(strings.TrimSpace(r.FormValue("days")))
	code, err := s.OpenDrive(r.Context(), r.FormValue("name"), r.FormValue("contact"), days)
	if fault.KindOf(err) == fault.Invalid {
		return s.drivesPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/intake/drives", "intake.said.drive", "code", code)
}

func (s *Intake) saveHanded(w http.ResponseWriter, r *http.Request) error {
	forms, _ := strconv.Atoi(strings.TrimSpace(r.FormValue("forms")))
	err := s.HandOut(r.Context(), r.PathValue("drive"), election.Date(strings.TrimSpace(r.FormValue("day"))), forms)
	if fault.KindOf(err) == fault.Invalid {
		return s.drivesPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/intake/drives", "intake.said.handed")
}
