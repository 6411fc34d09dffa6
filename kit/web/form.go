// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"io"
	"iter"
	"mime/multipart"
	"net/http"

	"hustings/kit/fault"
)

// Parts are the parts of a form with files, in their order. Each is read as it
// comes and is gone when the next one is asked for: a large file is never in
// memory or on disk as a whole. After an error there are no more.
func Parts(r *http.Request) iter.Seq2[*multipart.Part, error] {
	return func(yield func(*multipart.Part, error) bool) {
		form, err := r.MultipartReader()
		for err == nil {
			var part *multipart.Part
			if part, err = form.NextPart(); err == nil && !yield(part, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, unreadable(err))
		}
	}
}

func unreadable(err error) error {
	return fault.Wrap(fault.Invalid, err, "The form could not be read.")
}

// formMemory is how much of a form stands in memory; the rest is put aside.
const formMemory = 8 << 20

// File reads the file of a form whole, at most so many bytes of it. The form's
// other fields are in r.Form then.
func File(r *http.Request, most int64) (name string, body []byte, err error) {
	if err := r.ParseMultipartForm(formMemory); err != nil {
		return "", nil, unreadable(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	f, head, err := r.FormFile("file")
	if err != nil {
		return "", nil, fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
	}
	defer f.Close()
	if body, err = io.ReadAll(io.LimitReader(f, most+1)); err != nil {
		return "", nil, unreadable(err)
	}
	if int64(len(body)) > most {
		return "", nil, fault.On("file", fault.New(fault.TooLarge, "The file %s is larger than %d MB.", head.Filename, most>>20))
	}
	return head.Filename, body, nil
}
