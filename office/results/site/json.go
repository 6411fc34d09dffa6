// SPDX-License-Identifier: Apache-2.0

package site

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hustings/office/results/tally"
)

// jsonWriter writes JSON by hand: the twins of the pages are as many as the
// pages, and reflection over rows would cost more than the pages themselves.
type jsonWriter struct {
	b     []byte
	comma bool
}

func (w *jsonWriter) open(c byte) *jsonWriter {
	w.b = append(w.b, c)
	w.comma = false
	return w
}

func (w *jsonWriter) close(c byte) {
	w.b = append(w.b, c)
	w.comma = true
}

// item starts an element of a list.
func (w *jsonWriter) item() *jsonWriter {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = false
	return w
}

// key starts a member of an object. Keys are ours and need no escaping.
func (w *jsonWriter) key(k string) *jsonWriter {
	w.item()
	w.b = append(append(append(w.b, '"'), k...), `":`...)
	return w
}

func (w *jsonWriter) int(n int64) {
	w.b = strconv.AppendInt(w.b, n, 10)
	w.comma = true
}

func (w *jsonWriter) bool(v bool) {
	w.b = strconv.AppendBool(w.b, v)
	w.comma = true
}

func (w *jsonWriter) str(s string) {
	w.b = append(w.b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b = append(w.b, '\\', byte(r))
		case r < 0x20 || r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029:
			w.b = append(w.b, `\u`...)
			for shift := 12; shift >= 0; shift -= 4 {
				w.b = append(w.b, "0123456789abcdef"[r>>shift&15])
			}
		default:
			w.b = utf8.AppendRune(w.b, r)
		}
	}
	w.b = append(w.b, '"')
	w.comma = true
}

// any writes what encoding/json makes of a value; for the few that are not rows.
func (w *jsonWriter) any(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		body = []byte("null") // only numbers that JSON lacks can fail, and there are none
	}
	w.b = append(w.b, body...)
	w.comma = true
}

// optional writes a member unless the number was not reported.
func (w *jsonWriter) optional(k string, n int64) {
	if n != absent {
		w.key(k).int(n)
	}
}

func (pg pageOf) hasTwin() bool {
	switch pg.kind {
	case contestPage, unitPage, indexPage, statusPage, changesPage, changePage, archivePage, downloadsPage:
		return true
	}
	return false
}

// json renders the twin of a page, which serves all languages: names are given
// in each. Nil: the page has none.
func (s *Edition) json(pg pageOf) []byte {
	if !pg.hasTwin() {
		return nil
	}
	w := &jsonWriter{b: s.buf[:0]}
	w.open('{')
	if s.Test {
		w.key("test").bool(true)
	}
	w.key("election").str(string(s.x.Def.Election.ID))
	w.key("status").str(string(s.Status))
	switch pg.kind {
	case contestPage:
		s.contestJSON(w, pg)
	case unitPage:
		s.unitJSON(w, pg)
	case indexPage:
		s.indexJSON(w)
	case statusPage:
		s.statusJSON(w)
	case changesPage:
		w.key("changes").any(s.withoutContests())
	case changePage:
		w.key("change").any(s.Changes[pg.n])
	case archivePage:
		w.key("versions").any(s.withoutContests())
	case downloadsPage:
		w.key("files").any(s.Downloads)
	}
	w.close('}')
	s.buf = append(w.b, '\n')
	return s.buf
}

// withoutContests is the list of versions alone; each has a page of its own
// for what it changed.
func (s *Edition) withoutContests() []Change {
	out := slices.Clone(s.Changes)
	for i := range out {
		out[i].Contests = nil
	}
	return out
}

func (s *Edition) stampJSON(w *jsonWriter, pg pageOf) {
	if at, ok := s.Stamps[pg.path]; ok {
		w.key("changed").str(published(at))
	}
}

func (s *Edition) contestJSON(w *jsonWriter, pg pageOf) {
	s.stampJSON(w, pg)
	var st standing
	s.standing(pg.c, pg.u, &st)
	w.key("contest")
	s.standingJSON(w, &st, true)
	w.key("parts").open('[')
	for _, k := range s.x.Children(pg.u) {
		if s.rep.expectedAt(k, pg.c) == 0 && len(s.t.Contest(k, pg.c)) == 0 {
			continue
		}
		s.standing(pg.c, k, &st)
		w.item().open('{')
		s.unitIDs(w, k)
		s.numbersJSON(w, &st)
		w.close('}')
	}
	w.close(']')
}

func (s *Edition) unitIDs(w *jsonWriter, u int32) {
	unit := &s.x.Def.Units[u]
	w.key("unit").str(string(unit.ID))
	w.key("name").str(unitName(*unit))
	w.key("page").str(s.unitPaths[u])
}

// standingJSON writes a contest with its choices.
func (s *Edition) standingJSON(w *jsonWriter, st *standing, long bool) {
	w.open('{')
	w.key("id").str(string(st.def.ID))
	w.key("name").any(st.def.Name)
	w.key("page").str(s.contestPath(st.c, st.u))
	if own := s.statusOf(st.c); own != s.Status {
		w.key("status").str(string(own))
	}
	w.key("kind").str(string(st.def.Kind))
	w.key("votesAllowed").int(int64(st.def.VotesAllowed))
	w.key("elected").int(int64(st.def.Elected))
	if st.def.Threshold != nil {
		w.key("threshold").any(st.def.Threshold)
	}
	if long && len(st.def.Question) > 0 {
		w.key("question").any(st.def.Question)
	}
	w.key("choices").open('[')
	for _, choice := range st.def.Choices {
		w.item().open('{')
		w.key("id").str(string(choice.ID))
		w.key("name").any(choice.Name)
		w.key("kind").str(string(choice.Kind))
		if len(choice.Parties) > 0 {
			w.key("parties").open('[')
			for _, party := range choice.Parties {
				w.item().str(string(party))
			}
			w.close(']')
		}
		w.close('}')
	}
	w.close(']')
	s.numbersJSON(w, st)
	w.close('}')
}

// numbersJSON writes a standing's numbers; votes are in the order of the
// contest's choices, null where not reported.
func (s *Edition) numbersJSON(w *jsonWriter, st *standing) {
	w.key("reported").int(int64(st.reported))
	w.key("expected").int(int64(st.expected))
	if st.round > 0 {
		w.key("round").int(int64(st.round))
	}
	w.key("votes")
	numbers(w, st.votes, 0, 1)
	w.optional("over", st.over)
	w.optional("under", st.under)
	w.optional("ballots", st.ballots)
	w.optional("exhausted", st.exhausted)
	if len(st.typed) == 0 || s.privacy.Hidden(st.u, st.c) {
		return
	}
	w.key("types").open('{')
	for k, typ := range st.typed {
		w.key(s.typeKey(typ))
		numbers(w, st.byType, k, len(st.typed))
	}
	w.close('}')
}

// numbers writes every step-th number from a start, null where absent.
func numbers(w *jsonWriter, list []int64, from, step int) {
	w.open('[')
	for i := from; i < len(list); i += step {
		if w.item(); list[i] == absent {
			w.b = append(w.b, "null"...)
			w.comma = true
			continue
		}
		w.int(list[i])
	}
	w.close(']')
}

// typeKey is a vote type's id as a JSON key.
func (s *Edition) typeKey(typ int16) string {
	id := string(s.x.Def.VoteTypes[typ-1].ID)
	for i := range len(id) {
		if c := id[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return "type-" + strconv.Itoa(int(typ))
		}
	}
	return id
}

func (s *Edition) unitJSON(w *jsonWriter, pg pageOf) {
	s.stampJSON(w, pg)
	s.unitIDs(w, pg.u)
	w.key("type").str(string(s.x.Def.Units[pg.u].Type))
	s.factsJSON(w, pg.u)
	if kids := s.x.Children(pg.u); len(kids) > 0 {
		w.key("parts").open('[')
		for _, k := range kids {
			w.item().open('{')
			s.unitIDs(w, k)
			s.factsJSON(w, k)
			w.close('}')
		}
		w.close(']')
	}
	w.key("contests").open('[')
	var st standing
	for c := range s.x.Def.Contests {
		if s.rep.expectedAt(pg.u, int32(c)) == 0 && len(s.t.Contest(pg.u, int32(c))) == 0 {
			continue
		}
		s.standing(int32(c), pg.u, &st)
		w.item().open('{')
		w.key("id").str(string(st.def.ID))
		w.key("page").str(s.contestPath(st.c, st.u))
		s.numbersJSON(w, &st)
		w.close('}')
	}
	w.close(']')
}

func (s *Edition) factsJSON(w *jsonWriter, u int32) {
	done, due := s.rep.at(u, tally.NoContest)
	w.key("reported").int(int64(done))
	w.key("expected").int(int64(due))
	w.optional("registered", s.turn.registered[u])
	for _, fact := range []struct {
		key  string
		what tally.Measure
	}{{"ballots", tally.Ballots}, {"outstanding", tally.Outstanding}} {
		if n, ok := s.t.N(u, tally.NoContest, fact.what, tally.TotalType); ok {
			w.key(fact.key).int(n)
		}
	}
}

func (s *Edition) indexJSON(w *jsonWriter) {
	w.key("name").any(s.x.Def.Election.Name)
	w.key("date").str(string(s.x.Def.Election.End))
	w.key("version").int(int64(s.Version))
	w.key("at").str(published(s.At))
	if !s.Next.IsZero() {
		w.key("next").str(published(s.Next))
	}
	s.factsJSON(w, s.x.Root())
	w.key("contests").open('[')
	var st standing
	for c := range s.x.Def.Contests {
		s.standing(int32(c), s.focus[c], &st)
		w.item()
		s.standingJSON(w, &st, false)
	}
	w.close(']')
}

func (s *Edition) statusJSON(w *jsonWriter) {
	types := s.typesReported()
	w.key("parts").open('[')
	for _, k := range s.x.Children(s.x.Root()) {
		w.item().open('{')
		s.unitIDs(w, k)
		s.factsJSON(w, k)
		w.key("states").open('{')
		w.key("total").str(string(s.stateOf(k, tally.TotalType)))
		for _, typ := range types {
			w.key(s.typeKey(typ)).str(string(s.stateOf(k, typ)))
		}
		w.close('}')
		w.close('}')
	}
	w.close(']')
	w.key("sources").open('[')
	for _, src := range s.Sources {
		w.item().open('{')
		w.key("name").str(src.Name)
		w.key("state").str(string(orState(src.State)))
		if !src.At.IsZero() {
			w.key("at").str(published(src.At))
		}
		w.close('}')
	}
	w.close(']')
}

// live is what the script tells readers of the version: not part of any page,
// so that pages stay the same from version to version.
func (s *Edition) live() []byte {
	w := &jsonWriter{}
	w.open('{')
	if s.Test {
		w.key("test").bool(true)
	}
	w.key("version").int(int64(s.Version))
	w.key("at").str(published(s.At))
	w.key("status").str(string(s.Status))
	if !s.Next.IsZero() {
		w.key("next").str(published(s.Next))
	}
	if size, root, ok := seal(s.Checkpoint); ok {
		w.key("sealed").open('{')
		w.key("entries").str(size)
		w.key("root").str(root)
		w.close('}')
	}
	w.close('}')
	return append(w.b, '\n')
}

// seal takes the size and the root hash out of a checkpoint: the second and the
// third line of a C2SP tlog-checkpoint.
func seal(checkpoint string) (size, root string, ok bool) {
	lines := strings.SplitN(checkpoint, "\n", 4)
	if len(lines) < 4 {
		return "", "", false
	}
	return lines[1], lines[2], true
}
