// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"hustings/kit/fault"
)

// commonGz is passwords of eight characters and more that people choose most
// and that leaked lists begin with, one a line, in lower case; docs/deps.md
// says where they come from.
//
//go:embed common/passwords.txt.gz
var commonGz []byte

// common are those passwords.
var common = sync.OnceValue(func() map[string]bool {
	unpacked, err := gzip.NewReader(bytes.NewReader(commonGz))
	if err != nil {
		panic(err) // embedded, and read by a test
	}
	out := make(map[string]bool, 12_000)
	for lines := bufio.NewScanner(unpacked); lines.Scan(); {
		out[lines.Text()] = true
	}
	return out
})

var (
	errCommon  = fault.On("password", fault.New(fault.Invalid, "This password is on the lists that are tried first, or is one of them with digits behind it. Choose another; a sentence is easy to remember."))
	errPattern = fault.On("password", fault.New(fault.Invalid, "This password repeats itself or counts up. Choose another; a sentence is easy to remember."))
	errOwnName = fault.On("password", fault.New(fault.Invalid, "This password is little more than your name, your address or the office's name. Choose another; a sentence is easy to remember."))
)

// checkGuessable refuses what a guesser tries first: NIST SP 800-63B-4, section
// 3.1.1.2. names are words that belong to the account, such as its address.
func checkGuessable(password string, names ...string) error {
	lower := strings.ToLower(password)
	if common()[lower] || common()[strings.TrimRightFunc(lower, notLetter)] {
		return errCommon
	}
	if repeats(lower) || counts(lower) {
		return errPattern
	}
	left := lower
	for _, name := range names {
		for _, word := range strings.FieldsFunc(strings.ToLower(name), notLetter) {
			if len(word) >= 3 {
				left = strings.ReplaceAll(left, word, "")
			}
		}
	}
	if left != lower && len(strings.Map(lettersOnly, left)) < 4 {
		return errOwnName
	}
	return nil
}

func lettersOnly(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// repeats says whether a text is a short piece again and again.
func repeats(text string) bool {
	for size := 1; size <= 4; size++ {
		if len(text) > size && strings.Repeat(text[:size], len(text)/size+1)[:len(text)] == text {
			return true
		}
	}
	return false
}

// counts says whether each character is the next one up, or down, of the one
// before: abcdefgh, 87654321.
func counts(text string) bool {
	up, down := true, true
	for i := 1; i < len(text); i++ {
		up = up && (text[i] == text[i-1]+1 || text[i-1] == '9' && text[i] == '0')
		down = down && (text[i] == text[i-1]-1 || text[i-1] == '0' && text[i] == '9')
	}
	return len(text) > 1 && (up || down)
}
