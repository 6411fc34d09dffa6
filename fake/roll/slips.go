// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"math/rand/v2"
	"slices"
	"strings"

	"hustings/election"
)

// slip is a way in which a second record of a person differs from the first. It
// says whether it could be done.
type slip struct {
	name   string
	weight int
	do     func(r *Roll, p *Person, rnd *rand.Rand) bool
}

// slips, as often as offices see them.
var slips = []slip{
	{"moved", 26, func(r *Roll, p *Person, rnd *rand.Rand) bool { return r.moves(p, rnd) }},
	{"typo in the last name", 10, func(_ *Roll, p *Person, rnd *rand.Rand) bool { return typo(&p.Last, rnd) }},
	{"typo in the first name", 8, func(_ *Roll, p *Person, rnd *rand.Rand) bool { return typo(&p.First, rnd) }},
	{"nickname", 10, nickname},
	{"initial for the middle name", 9, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		ok := len(p.Middle) > 1 && p.Middle[0] < 0x80
		if ok {
			p.Middle = p.Middle[:1]
		}
		return ok
	}},
	{"no middle name", 8, func(_ *Roll, p *Person, _ *rand.Rand) bool { return blank(&p.Middle) }},
	{"new last name", 7, func(r *Roll, p *Person, rnd *rand.Rand) bool {
		if !p.Female {
			return false
		}
		old := p.Last
		p.Last = r.names.last(rnd)
		if rnd.IntN(4) == 0 {
			p.Last = old + "-" + p.Last
		}
		return p.Last != old
	}},
	{"day and month exchanged", 4, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		ok := p.Birth.Day <= 12 && p.Birth.Day != p.Birth.Month
		if ok {
			p.Birth.Day, p.Birth.Month = p.Birth.Month, p.Birth.Day
		}
		return ok
	}},
	{"wrong year of birth", 4, func(_ *Roll, p *Person, rnd *rand.Rand) bool {
		p.Birth.Year += []int{-10, -1, 1, 10}[rnd.IntN(4)]
		p.Birth.Day = min(p.Birth.Day, daysIn(p.Birth.Year, p.Birth.Month))
		return true
	}},
	{"wrong day of birth", 3, func(_ *Roll, p *Person, rnd *rand.Rand) bool {
		old := p.Birth.Day
		p.Birth.Day = 1 + rnd.IntN(28)
		return p.Birth.Day != old
	}},
	{"first of January for the birthday", 2, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		ok := p.Birth.Day != 1 || p.Birth.Month != 1
		p.Birth.Day, p.Birth.Month = 1, 1
		return ok
	}},
	{"first and last name exchanged", 2, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		p.First, p.Last = p.Last, p.First
		return p.First != p.Last
	}},
	{"no accents, hyphens or blanks", 5, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		before := p.First + p.Last
		p.First, p.Last = plainLetters.Replace(p.First), plainLetters.Replace(p.Last)
		return p.First+p.Last != before
	}},
	{"no suffix", 3, func(_ *Roll, p *Person, _ *rand.Rand) bool { return blank(&p.Suffix) }},
	{"no unit", 3, func(_ *Roll, p *Person, _ *rand.Rand) bool {
		ok := p.Address.Unit != ""
		p.Address.UnitKind, p.Address.Unit = "", ""
		return ok
	}},
	{"new phone", 9, func(_ *Roll, p *Person, rnd *rand.Rand) bool {
		p.Phone = "555" + pad(rnd.IntN(10_000_000), 7)
		return true
	}},
	{"no licence", 7, func(_ *Roll, p *Person, rnd *rand.Rand) bool {
		if !blank(&p.License) {
			return false
		}
		if p.SSN4 == "" {
			p.SSN4 = pad(rnd.IntN(10_000), 4)
		}
		return true
	}},
	{"digits of the licence exchanged", 2, func(_ *Roll, p *Person, rnd *rand.Rand) bool { return exchange(&p.License, rnd) }},
	{"digits of the house number exchanged", 2, func(_ *Roll, p *Person, rnd *rand.Rand) bool { return exchange(&p.Address.Number, rnd) }},
}

var slipWeights = func() int {
	all := 0
	for _, s := range slips {
		all += s.weight
	}
	return all
}()

// Slip makes a second record of a person, with one to three slips. It keeps who
// they are (Self); its number is for the caller to give.
func (r *Roll) Slip(of *Person, rnd *rand.Rand) *Person {
	p := *of
	p.Slips = nil
	want := 1
	for want < 3 && rnd.IntN(100) < 38 {
		want++
	}
	for tries := 0; len(p.Slips) < want && tries < 50; tries++ {
		n := rnd.IntN(slipWeights)
		for _, s := range slips {
			if n -= s.weight; n < 0 {
				if !slices.Contains(p.Slips, s.name) && s.do(r, &p, rnd) {
					p.Slips = append(p.Slips, s.name)
				}
				break
			}
		}
	}
	return &p
}

func blank(s *string) bool {
	ok := *s != ""
	*s = ""
	return ok
}

// typo makes a slip of the finger: two letters exchanged, one left out, doubled
// or hit beside.
func typo(s *string, rnd *rand.Rand) bool {
	r := []rune(*s)
	if len(r) < 3 {
		return false
	}
	i := 1 + rnd.IntN(len(r)-2)
	old := *s
	switch rnd.IntN(4) {
	case 0:
		r[i], r[i+1] = r[i+1], r[i]
	case 1:
		r = append(r[:i], r[i+1:]...)
	case 2:
		r = append(r[:i+1], r[i:]...)
	case 3:
		r[i] = rune(beside(r[i], rnd))
	}
	*s = string(r)
	return *s != old
}

// beside is a key next to another.
func beside(c rune, rnd *rand.Rand) byte {
	for _, row := range []string{"QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"} {
		if i := strings.IndexRune(row, c); i >= 0 {
			if i == 0 || i < len(row)-1 && rnd.IntN(2) == 0 {
				return row[i+1]
			}
			return row[i-1]
		}
	}
	return 'E'
}

// exchange exchanges two digits that stand side by side.
func exchange(s *string, rnd *rand.Rand) bool {
	b := []byte(*s)
	if len(b) < 3 {
		return false
	}
	i := 1 + rnd.IntN(len(b)-2)
	if b[i] == b[i+1] || b[i] < '0' || b[i] > '9' || b[i+1] < '0' || b[i+1] > '9' {
		return false
	}
	b[i], b[i+1] = b[i+1], b[i]
	*s = string(b)
	return true
}

var plainLetters = strings.NewReplacer("Á", "A", "É", "E", "Í", "I", "Ó", "O", "Ú", "U", "Ñ", "N", "Ü", "U", "Ø", "O", "Ï", "I", "-", "", "'", "", " ", "", ".", "")

// nickname takes a nickname for the name, or the name for the nickname.
func nickname(_ *Roll, p *Person, rnd *rand.Rand) bool {
	list := nicknames[p.First]
	if len(list) == 0 {
		return false
	}
	p.First = list[rnd.IntN(len(list))]
	return true
}

var nicknames = func() map[string][]string {
	out := make(map[string][]string)
	for line := range strings.FieldsFuncSeq(nicknameList, func(c rune) bool { return c == ',' || c == '\n' }) {
		f := strings.Fields(line)
		for i, short := range f {
			if i > 0 {
				out[f[0]] = append(out[f[0]], short)
				out[short] = append(out[short], f[0])
			}
		}
	}
	return out
}()

const nicknameList = `ALEXANDER ALEX AL, ALEXANDRA ALEX SANDRA, ANDREW ANDY DREW, ANTHONY TONY, BARBARA BARB BARBIE, BENJAMIN BEN BENNY, BRADLEY BRAD, CATHERINE CATHY KATE,
	CHARLES CHUCK CHARLIE, CHRISTINA CHRIS TINA, CHRISTINE CHRIS CHRISSY, CHRISTOPHER CHRIS, CYNTHIA CINDY, DANIEL DAN DANNY, DAVID DAVE, DEBORAH DEB DEBBIE, DONALD DON,
	DOROTHY DOT DOTTIE, DOUGLAS DOUG, EDWARD ED EDDIE TED, ELIZABETH BETH LIZ BETTY ELIZA, EUGENE GENE, FRANCES FRAN FRANNY, FRANCISCO PACO FRANK, FREDERICK FRED, GERALD JERRY, GREGORY GREG,
	GUADALUPE LUPE, HAROLD HAL HARRY, HENRY HANK, JACQUELINE JACKIE, JAMES JIM JIMMY JAMIE, JEFFREY JEFF, JENNIFER JEN JENNY, JESSICA JESS, JOHN JACK JOHNNY, JONATHAN JON, JOSEPH JOE JOEY,
	JOSÉ PEPE, JUDITH JUDY, KATHERINE KATE KATHY KATIE, KATHLEEN KATHY, KENNETH KEN, KIMBERLY KIM, LAWRENCE LARRY, LEONARD LEN LENNY, LILLIAN LILY, MARGARET PEGGY MAGGIE MEG, MATTHEW MATT, MICHAEL MIKE MICKEY,
	NANCY NAN, NATHANIEL NATE NATHAN, NICHOLAS NICK, NICOLE NIKKI, PAMELA PAM, PATRICIA PAT PATTY TRISH, PATRICK PAT, PETER PETE, PHILIP PHIL, RAYMOND RAY, REBECCA BECKY, RICHARD RICK DICK RICH,
	ROBERT BOB ROB BOBBY, RONALD RON, RUSSELL RUSS, SAMANTHA SAM, SAMUEL SAM, SANDRA SANDY, STEPHANIE STEPH, STEPHEN STEVE, STEVEN STEVE, SUSAN SUE SUSIE, TERESA TERRY TERI, THEODORE TED, THOMAS TOM TOMMY,
	TIMOTHY TIM, VICTORIA VICKY, VIRGINIA GINNY, WALTER WALT, WILLIAM BILL WILL BILLY, ZACHARY ZACH`

// moves gives a person another address of the county.
func (r *Roll) moves(p *Person, rnd *rand.Rand) bool {
	if len(r.segments) == 0 {
		return false
	}
	s := r.segments[rnd.IntN(len(r.segments))]
	n := s.Low + rnd.IntN(s.High-s.Low+1)
	if odd := s.Side == "odd"; s.Side != "both" && (n%2 == 1) != odd {
		n--
	}
	if n < s.Low {
		n = s.Low
	}
	p.Address = Address{Number: pad(n, 1), Before: s.Before, Street: s.Street, Type: s.Type, City: s.City, State: "XX", ZIP: s.ZIP}
	p.Precinct = s.Precinct
	p.Districts = r.districts(s.Precinct)
	p.Mail = nil
	return true
}

// districts are those of a precinct or a part of one.
func (r *Roll) districts(unit election.UnitID) []election.DistrictID {
	for i := range r.county.Definition().Units {
		if u := &r.county.Definition().Units[i]; u.ID == unit {
			return u.Districts
		}
	}
	return nil
}
