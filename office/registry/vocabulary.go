// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"hustings/office/registry/spell"
)

// vocabulary are the words of the roll's names and streets, kept in memory: a
// hundred thousand or so, whatever the roll's size.
type vocabulary struct {
	read        time.Time // when the database was last asked whether there are more
	size        int
	last, first *lexicon
	street      *lexicon
}

// wordsAge is how long a search may be behind with new names that another node
// has put in.
const wordsAge = 5 * time.Second

// known keeps the vocabulary.
type known struct {
	mu  sync.Mutex // guards now
	now *vocabulary
}

// vocabulary gives the words, read anew where there are more than before.
func (s *Registry) vocabulary(ctx context.Context) (*vocabulary, error) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	v := s.known.now
	if v != nil && s.Now().Sub(v.read) < wordsAge {
		return v, nil
	}
	var n int
	if err := s.DB.QueryRowContext(ctx, `select count(*) from registry_word where jurisdiction = $1`, s.Jurisdiction).Scan(&n); err != nil {
		return nil, err
	}
	if v != nil && v.size == n {
		v = &vocabulary{s.Now(), n, v.last, v.first, v.street}
		s.known.now = v
		return v, nil
	}
	all, err := s.words(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	v = &vocabulary{read: s.Now(), size: n, last: newLexicon(), first: newLexicon(), street: newLexicon()}
	for w := range all {
		switch kind(w[0]) {
		case byLast:
			v.last.add(w[1])
		case byFirst:
			v.first.add(w[1])
		case byDoor:
			v.street.add(w[1])
		}
	}
	for _, l := range []*lexicon{v.last, v.first, v.street} {
		l.ready()
	}
	s.known.now = v
	return v, nil
}

// lexicon is words in order, and by their ends: whoever makes one slip leaves
// the first letter right, or the last.
type lexicon struct {
	words []string
	ends  map[end][]string
}

// end is a word's first or last letter, and its length.
type end struct {
	letter byte
	last   bool
	length int
}

func newLexicon() *lexicon { return &lexicon{ends: make(map[end][]string)} }

func (l *lexicon) add(word string) {
	l.words = append(l.words, word)
	n := len(word)
	for _, e := range []end{{word[0], false, n}, {word[n-1], true, n}} {
		l.ends[e] = append(l.ends[e], word)
	}
}

func (l *lexicon) ready() { slices.Sort(l.words) }

// guess is a word that may be meant, and how it is near to what was typed.
type guess struct {
	word, how string
	score     int
}

// How near a word is, and what that is worth.
const (
	exactly  = 100
	nickname = 85
	begins   = 70
	slipped  = 55
	sounds   = 40
)

// mostGuesses bounds how many words one word may stand for.
const mostGuesses = 25

// near are the words that may be meant by one, the nearest first; forms are
// other forms of it.
func (l *lexicon) near(word string, forms []string) (out []guess) {
	if word == "" {
		return nil
	}
	seen := make(map[string]bool)
	add := func(w, how string, score int) {
		if !seen[w] {
			seen[w] = true
			out = append(out, guess{w, how, score})
		}
	}
	i, there := slices.BinarySearch(l.words, word)
	if there {
		add(word, "exact", exactly)
	}
	for _, f := range forms {
		if _, ok := slices.BinarySearch(l.words, f); ok {
			add(f, "nickname", nickname)
		}
	}
	if squeezed := strings.ReplaceAll(word, " ", ""); squeezed != word {
		if _, ok := slices.BinarySearch(l.words, squeezed); ok {
			add(squeezed, "exact", exactly-5)
		}
	}
	for n := 0; i < len(l.words) && strings.HasPrefix(l.words[i], word) && n < mostGuesses; i, n = i+1, n+1 {
		add(l.words[i], "begins", begins)
	}
	if len(word) >= 4 {
		for _, g := range l.slips(word) {
			add(g.word, g.how, g.score)
		}
	}
	slices.SortStableFunc(out, func(a, b guess) int { return b.score - a.score })
	return out[:min(len(out), mostGuesses)]
}

// slips are the words that are one slip away, or two of a long word, the nearest
// first.
func (l *lexicon) slips(word string) (out []guess) {
	n := len(word)
	for _, e := range []end{{word[0], false, 0}, {word[n-1], true, 0}} {
		for e.length = max(2, n-2); e.length <= n+2; e.length++ {
			for _, w := range l.ends[e] {
				switch near := spell.Likeness(word, w); {
				case near == spell.Typo:
					out = append(out, guess{w, "slip", slipped})
				case near == spell.Alike && !e.last:
					out = append(out, guess{w, "similar", sounds})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b guess) int { return cmp.Or(b.score-a.score, strings.Compare(a.word, b.word)) })
	return out[:min(len(out), mostGuesses)]
}
