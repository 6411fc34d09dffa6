// SPDX-License-Identifier: Apache-2.0

package site

import (
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

// contestPage shows one contest in a unit and compares the unit's parts.
func (p *page) contestPage() {
	c, u := p.pg.c, p.pg.u
	p.standing(c, u, &p.st)
	st := &p.st
	title := p.x.Def.Contests[c].Name.In(p.v.Lang())
	if u != p.focus[c] {
		title += ", " + unitName(p.x.Def.Units[u])
	}
	p.open(title, "page-contest")
	if u != p.focus[c] {
		p.crumbs(step{p.contestPaths[c], p.v.contests[c]})
	} else {
		p.crumbs()
	}
	p.contestHead(st, "h1")
	p.raw("<div id=\"numbers\" data-live=\"\">\n")
	p.lead(st)
	p.raw("<div class=\"split\">\n<div class=\"split-main\">\n")
	p.choiceTable(st, rows{marks: true, caption: "choices.caption"})
	p.raw("</div>\n<div class=\"split-side\">\n")
	p.contestFacts(st)
	p.notes(st)
	p.raw("</div>\n</div>\n")
	p.rounds(st)
	p.voteTypes(st)
	p.parts(st)
	p.growth(p.pg.c, p.pg.u)
	p.raw("</div>\n")
	p.question(c)
	p.use(c)
	p.close()
}

// contestHead names the contest: whose it is, what one may vote for, and how
// much of it is in.
func (p *page) contestHead(st *standing, tag string) {
	p.raw("<div class=\"head\">\n")
	p.kicker(st)
	p.raw("<" + tag + ">")
	p.name(p.v.contests[st.c])
	p.raw("</" + tag + ">\n")
	p.raw("<p class=\"meta\">")
	if st.def.Kind == election.CandidateContest {
		p.tell("vote.for", int64(max(1, st.def.VotesAllowed)))
		if st.def.Elected > 1 {
			p.raw(" · ")
			p.tell("seats", int64(st.def.Elected))
		}
		if st.def.Variation == election.Ranked {
			p.raw(" · ")
			p.say("ranked")
		}
		if st.round > 0 {
			p.raw(" · ")
			p.say("round.shown", "round", int(st.round))
		}
	}
	p.raw("</p>\n</div>\n")
}

// kicker is the line above a title: the unit, the district, the party.
func (p *page) kicker(st *standing) {
	p.raw("<p class=\"kicker\">")
	p.name(p.unitNames[st.u])
	for _, d := range p.x.Def.Districts {
		if d.ID == st.def.District && d.Name != nil {
			p.raw(" · ")
			p.name(escaped(d.Name.In(p.v.Lang())))
		}
	}
	for i, party := range p.x.Def.Parties {
		if party.ID == st.def.PrimaryParty {
			p.raw(" · ")
			p.name(p.v.parties[i])
		}
	}
	p.raw("</p>\n")
}

// lead says in one sentence who is ahead and by how much.
func (p *page) lead(st *standing) {
	p.raw("<p class=\"lead\" data-say=\"\">")
	p.text(p.leadSentence(st))
	p.raw("</p>\n")
	p.reporting(st.reported, st.expected)
}

// statusOf is a contest's own status, or that of all results.
func (s *Edition) statusOf(c int32) election.Status {
	if status, ok := s.t.Status[c]; ok {
		return status
	}
	return s.Status
}

// final says whether the contest's numbers are certified. Until then nobody
// has won.
func (s *Edition) final(c int32) bool { return s.statusOf(c) == election.Certified }

// decides says whether the numbers of a standing decide the contest. Those of
// one county do not decide what the whole state votes on.
func (s *Edition) decides(st *standing) bool { return st.u == s.focus[st.c] }

// hereSentence says who has the most votes in a part of a contest.
func (p *page) hereSentence(st *standing) string {
	if need := st.needs(); need != nil {
		return p.words("here.measure", "share", p.v.Percent(max(0, st.votes[st.yes()]), st.base()), "need", p.needed(need))
	}
	if first := st.first(); first >= 0 {
		return p.v.N("results.site.here.most", st.lead(), "name", p.plainChoice(st.c, first))
	}
	return p.words("here.tied")
}

func (p *page) leadSentence(st *standing) string {
	switch {
	case !st.any() || st.total == 0:
		return p.words("lead.none")
	case !p.decides(st):
		return p.hereSentence(st)
	case st.needs() != nil:
		return p.measureSentence(st)
	case st.tied && st.ahead == 0:
		return p.words("lead.tied", "names", p.listOf(p.tiedFor(st)))
	case len(st.order) <= max(1, st.def.Elected):
		return p.words("lead.alone", "names", p.listOf(st.order))
	}
	done := ""
	if p.final(st.c) {
		done = ".final"
	}
	if max(1, st.def.Elected) > 1 {
		return p.v.N("results.site.lead.many"+done, int64(st.ahead), "names", p.listOf(st.order[:st.ahead]))
	}
	first := st.first()
	if first < 0 {
		return p.words("lead.none")
	}
	return p.v.N("results.site.lead.one"+done, st.margin, "name", p.plainChoice(st.c, first),
		"share", p.v.Percent(st.margin, st.total))
}

func (p *page) measureSentence(st *standing) string {
	need := st.needs()
	met := need.Met(max(0, st.votes[st.yes()]), st.base())
	key := "measure."
	if st.def.Kind == election.RetentionContest {
		key = "retention."
	}
	if met {
		key += "yes"
	} else {
		key += "no"
	}
	if p.final(st.c) {
		key += ".final"
	}
	return p.words(key, "share", p.v.Percent(max(0, st.votes[st.yes()]), st.base()), "need", p.needed(need))
}

// needed is a threshold in words: "more than 50.0%", "at least 66.7%".
func (p *page) needed(t *election.Threshold) string {
	key := "need.least"
	if t.Over {
		key = "need.more"
	}
	if t.Of == "ballots" {
		key += ".ballots"
	}
	return p.words(key, "share", p.v.Percent(t.Numerator, t.Denominator))
}

// tiedFor lists the choices that share the last seat.
func (p *page) tiedFor(st *standing) []int32 {
	seats := max(1, st.def.Elected)
	var top []int32
	for _, i := range st.order {
		if st.votes[i] == st.votes[st.order[seats-1]] {
			top = append(top, i)
		}
	}
	return top
}

func (p *page) plainChoice(c, choice int32) string {
	return orElse(p.x.Def.Contests[c].Choices[choice].Name.In(p.v.Lang()), string(p.x.Def.Contests[c].Choices[choice].ID))
}

// listOf names choices: "Ana Ruiz, Bo Li and Cy Park".
func (p *page) listOf(choices []int32) string {
	var b strings.Builder
	for i, choice := range choices {
		switch {
		case i > 0 && i == len(choices)-1:
			b.WriteString(p.words("and"))
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(p.plainChoice(p.st.c, choice))
	}
	return b.String()
}

// reporting tells how many units are in, with a bar.
func (p *page) reporting(done, due int32) {
	p.raw("<p class=\"reporting\"><span>")
	p.tell("reporting", int64(due), "done", int64(done), "share", p.v.Percent(int64(done), int64(due)))
	p.raw("</span>")
	p.progress(int64(done), int64(due))
	p.raw("</p>\n")
}

func (p *page) progress(done, due int64) {
	p.raw(`<svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"><rect width="`)
	p.int(perMille(done, due))
	p.raw(`" height="8"/></svg>`)
}

func perMille(part, whole int64) int64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return min(1000, max(1, (part*2000+whole)/(2*whole)))
}

// contestFacts lists what there is to know besides the votes.
func (p *page) contestFacts(st *standing) {
	if st.total == 0 {
		return
	}
	p.raw("<dl class=\"facts\">\n")
	p.fact("fact.votes", st.total, 0)
	if st.margin != absent && st.needs() == nil {
		p.fact("fact.margin", st.margin, st.total)
	}
	if need := st.needs(); need != nil {
		p.raw("<div><dt>")
		p.say("fact.needed")
		p.raw("</dt><dd>")
		p.text(p.needed(need))
		p.raw("</dd></div>\n")
	}
	p.fact("fact.under", st.under, 0)
	p.fact("fact.over", st.over, 0)
	p.fact("fact.exhausted", st.exhausted, 0)
	p.fact("fact.ballots", st.ballots, 0)
	// The unit's turnout says nothing of a contest that only some of it votes on.
	if _, due := p.rep.at(st.u, tally.NoContest); due == st.expected {
		p.turnout(st.u)
	}
	p.raw("</dl>\n")
}

// turnout writes a unit's turnout: of all its voters, or where some precincts
// have not told theirs, of those whose precincts have told both numbers.
func (p *page) turnout(u int32) {
	if p.turn.of[u] <= 0 {
		return
	}
	p.raw("<div><dt>")
	if p.turn.whole[u] {
		p.say("turnout")
	} else {
		p.say("turnout.part")
	}
	p.raw("</dt><dd>")
	p.percent(p.turn.votes[u], p.turn.of[u])
	p.raw("</dd></div>\n")
}

// fact writes a number, with its share of a whole where that is given.
func (p *page) fact(key string, n, whole int64) {
	if n == absent {
		return
	}
	p.raw("<div><dt>")
	p.say(key)
	p.raw("</dt><dd>")
	p.num(n)
	if whole > 0 {
		p.raw(" <span class=\"share\">")
		p.percent(n, whole)
		p.raw("</span>")
	}
	p.raw("</dd></div>\n")
}

// notes says what the law makes of the numbers as they stand.
func (p *page) notes(st *standing) {
	if own := p.statusOf(st.c); own != p.Status {
		p.noteOf("status", p.words("status."+string(own)), p.words("status."+string(own)+".say"))
	}
	if st.total == 0 || !p.decides(st) {
		return
	}
	if st.margin != absent && st.needs() == nil && p.Recount.Within(st.margin, st.total) {
		p.note("recount", p.Recount.Law.In(p.v.Lang()))
	}
	if st.def.Variation == election.Majority && max(1, st.def.Elected) == 1 {
		if first := st.first(); first < 0 || 2*st.votes[first] <= st.total {
			p.note("runoff", "")
		}
	}
	if st.tied && st.ahead > 0 {
		p.note("tied", p.words("lead.tied", "names", p.listOf(p.tiedFor(st))))
	}
}

func (p *page) note(key, more string) {
	say := p.words("note." + key + ".say")
	if more != "" {
		say += " " + more
	}
	p.noteOf(key, p.words("note."+key), say)
}

func (p *page) noteOf(kind, strong, say string) {
	p.raw("<div class=\"note note-" + kind + "\"><p><strong>")
	p.text(strong)
	p.raw("</strong> ")
	p.text(say)
	p.raw("</p></div>\n")
}

// question is the full wording of a measure.
func (p *page) question(c int32) {
	text := p.x.Def.Contests[c].Question.In(p.v.Lang())
	if text == "" {
		return
	}
	p.raw("<section class=\"question\"><h2>")
	p.say("question")
	p.raw("</h2>\n")
	for part := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		p.raw("<p>")
		p.text(part)
		p.raw("</p>\n")
	}
	p.raw("</section>\n")
}

// use tells how to take the contest elsewhere.
func (p *page) use(c int32) {
	p.raw("<section class=\"take\"><h2>")
	p.say("take")
	p.raw("</h2><ul><li>")
	p.link("embed/" + p.contestSlugs[c])
	p.say("take.embed")
	p.raw("</a></li><li><a href=\"")
	p.raw(p.top)
	p.raw(p.pg.path)
	p.raw(".json\">")
	p.say("foot.json")
	p.raw("</a></li><li>")
	p.link("downloads")
	p.say("take.files")
	p.raw("</a></li></ul></section>\n")
}

// voteTypes shows how people voted: one row a choice, one column a vote type.
func (p *page) voteTypes(st *standing) {
	if len(st.typed) == 0 || p.privacy.Hidden(st.u, st.c) {
		return
	}
	p.raw("<section class=\"types\"><h2>")
	p.say("types")
	p.raw("</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("types")
	p.raw("\"><table class=\"grid\"><thead><tr><th scope=\"col\">")
	p.say("choice")
	p.raw("</th>")
	for _, t := range st.typed {
		p.raw(`<th scope="col">`)
		p.raw(p.v.types[t])
		p.raw("</th>")
	}
	p.raw(`<th scope="col">`)
	p.raw(p.v.types[0])
	p.raw("</th></tr></thead><tbody>\n")
	sums := make([]int64, len(st.typed))
	for i := range st.votes {
		for k := range st.typed {
			sums[k] += max(0, st.byType[i*len(st.typed)+k])
		}
	}
	for _, i := range st.order {
		p.raw(`<tr><th scope="row">`)
		p.name(p.v.choices[st.c][i])
		p.raw("</th>")
		for k := range st.typed {
			n := st.byType[int(i)*len(st.typed)+k]
			p.raw("<td>")
			p.numOr(n, "–")
			if n != absent {
				p.raw(" <span class=\"share\">")
				p.percent(n, sums[k])
				p.raw("</span>")
			}
			p.raw("</td>")
		}
		p.raw("<td>")
		p.numOr(st.votes[i], "–")
		p.raw("</td></tr>\n")
	}
	p.raw("</tbody></table></div></section>\n")
}

// partyTags writes the abbreviations of a choice's parties, with the party's
// colour where that is the choice's own on this page.
func (p *page) partyTags(st *standing, i int32) {
	for _, id := range st.def.Choices[i].Parties {
		at, ok := p.parties[id]
		if !ok {
			continue
		}
		p.raw(` <abbr class="party`)
		if tone := "p-" + p.partySlugs[at]; tone == p.tones[st.c][i] {
			p.raw(` party-own `)
			p.raw(tone)
		}
		p.raw(`" title="`)
		p.raw(p.v.parties[at])
		p.raw(`">`)
		p.text(orElse(p.x.Def.Parties[at].Abbr, string(id)))
		p.raw("</abbr>")
	}
}
