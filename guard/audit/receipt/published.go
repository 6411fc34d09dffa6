// SPDX-License-Identifier: Apache-2.0

package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxList bounds a list of published files.
const maxList = 64 << 20

// Published proves that a file is in a list of published files, and that the
// list is the one whose hash stands in the receipt's entry. It returns the path
// that the file was published under. It does not check the receipt itself.
//
// A list is text: two lines about the edition, then a line for each file with
// its path, its SHA-256 in base64 without padding, its length and where it lies,
// parted by tabs.
func (r Receipt) Published(list []byte, file io.Reader) (path string, err error) {
	var fact struct{ SHA256 string }
	if err := json.Unmarshal([]byte(r.Entry.Data), &fact); err != nil || fact.SHA256 == "" {
		return "", errors.New("the receipt's entry does not speak of a list of published files")
	}
	if len(list) > maxList {
		return "", fmt.Errorf("the list is larger than %d bytes", maxList)
	}
	if sum := sha256.Sum256(list); text(sum[:]) != fact.SHA256 {
		return "", errors.New("the list is not the one that the receipt's entry speaks of")
	}
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	want := text(h.Sum(nil))
	for line := range bytes.Lines(list) {
		if f := strings.Split(string(line), "\t"); len(f) > 2 && f[1] == want {
			return f[0], nil
		}
	}
	return "", errors.New("the file is not in the list: it is not what was published, byte for byte")
}

func text(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum) }
