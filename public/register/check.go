// SPDX-License-Identifier: Apache-2.0

package register

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hustings/election"
)

// read takes the answers of a question out of what was sent. given has what was
// typed even where it is wrong, so that the page can show it again.
func (f *form) read(q *question, sent url.Values) (given answers, bad []wrong) {
	given = answers{}
	list := q.fields(f)
	for _, fd := range list {
		switch fd.kind {
		case checks:
			for _, o := range fd.options {
				v := ""
				if slices.Contains(sent[fd.name], o.value) {
					v = "yes"
				}
				given.put(fd.name+"-"+o.value, v)
			}
		case date:
			for _, part := range dateParts {
				given.put(fd.name+"-"+part, tidy(sent.Get(fd.name+"-"+part)))
			}
		case files: // read where the body is
		default:
			given.put(fd.name, tidy(sent.Get(fd.name)))
		}
	}
	for _, fd := range list {
		bad = append(bad, f.checkField(fd, list[0], given)...)
	}
	if len(bad) == 0 && q.check != nil {
		bad = q.check(f, given)
	}
	return given, bad
}

// dateParts are the three parts of a date, as they are asked for.
var dateParts = []string{"month", "day", "year"}

// tidy takes off what nobody typed on purpose. Lines of a longer text stay.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// checkField checks what every field of its kind wants.
func (f *form) checkField(fd, first field, given answers) []wrong {
	if fd.under != "" && first.kind == radios && fd.under != given.get(first.name) {
		given.put(fd.name, "") // of an option that was not chosen
		return nil
	}
	v := given.get(fd.name)
	switch fd.kind {
	case radios:
		if v == "" && fd.optional {
			return nil
		}
		if !slices.ContainsFunc(fd.options, func(o option) bool { return o.value == v }) {
			return []wrong{{fd.name, f.t("wrong.choose")}}
		}
	case text, area:
		switch {
		case v == "" && !fd.optional:
			return []wrong{{fd.name, f.t("wrong.empty", "what", fd.label)}}
		case utf8.RuneCountInString(v) > fd.most:
			return []wrong{{fd.name, f.t("wrong.long", "what", fd.label, "most", fd.most)}}
		}
	}
	return nil
}

func checkWhat(f *form, given answers) []wrong {
	for _, part := range parts {
		if given.is("what-"+part, "yes") {
			return nil
		}
	}
	return []wrong{{"what", f.t("wrong.what")}}
}

// checkBirth makes a date of three numbers.
func checkBirth(f *form, given answers) []wrong {
	var n [3]int
	for i, part := range dateParts {
		v, err := strconv.Atoi(given.get("birth-" + part))
		if err != nil {
			return []wrong{{"birth", f.t("wrong.birth")}}
		}
		n[i] = v
	}
	t := time.Date(n[2], time.Month(n[0]), n[1], 0, 0, 0, 0, time.UTC)
	day := election.DayOf(t)
	switch {
	case int(t.Month()) != n[0] || t.Day() != n[1] || n[2] < 1000:
		return []wrong{{"birth", f.t("wrong.birth")}}
	case day > f.today:
		return []wrong{{"birth", f.t("wrong.birth.future")}}
	case n[2] < 1900:
		return []wrong{{"birth", f.t("wrong.birth.old")}}
	}
	given.put("birth", string(day))
	return nil
}

func checkNumber(f *form, given answers) []wrong {
	switch given.get("number") {
	case "licence":
		number, err := f.rules.CheckLicence(given.get("licence"))
		if err != nil {
			return []wrong{{"licence", f.p.Sentence(err)}}
		}
		given.put("licence", number)
	case "ssn4":
		if v := given.get("ssn4"); !ssn4.MatchString(v) || v == "0000" {
			return []wrong{{"ssn4", f.t("wrong.ssn4")}}
		}
	}
	return nil
}

var (
	ssn4    = regexp.MustCompile(`^[0-9]{4}$`)
	zip     = regexp.MustCompile(`^[0-9]{5}(-?[0-9]{4})?$`)
	usState = regexp.MustCompile(`^[A-Za-z]{2}$`)
)

// checkZip writes a ZIP code with its hyphen.
func checkZip(f *form, given answers, name string) []wrong {
	v := strings.ReplaceAll(given.get(name), " ", "")
	if !zip.MatchString(v) {
		return []wrong{{name, f.t("wrong.zip")}}
	}
	if len(v) == 9 {
		v = v[:5] + "-" + v[5:]
	}
	given.put(name, v)
	return nil
}

// checkBefore wants an earlier name or an earlier address.
func checkBefore(f *form, given answers) (bad []wrong) {
	if given.is("before", "no") {
		return nil
	}
	if given.get("was-line") == "" {
		return f.want(given, "was-last")
	}
	bad = append(f.want(given, "was-city"), checkState(f, given, "was-state")...)
	if given.get("was-zip") != "" {
		bad = append(bad, checkZip(f, given, "was-zip")...)
	}
	return bad
}

// want says which of some fields are empty.
func (f *form) want(given answers, names ...string) (bad []wrong) {
	for _, name := range names {
		if given.get(name) == "" {
			bad = append(bad, wrong{name, f.t("wrong.empty", "what", f.t(name))})
		}
	}
	return bad
}

func checkState(f *form, given answers, name string) []wrong {
	v := given.get(name)
	if v == "" {
		return f.want(given, name)
	}
	if !usState.MatchString(v) {
		return []wrong{{name, f.t("wrong.state")}}
	}
	given.put(name, strings.ToUpper(v))
	return nil
}

func checkHome(f *form, given answers) (bad []wrong) {
	if given.get("home-line") == "" && given.get("home-told") == "" {
		bad = append(bad, wrong{"home-line", f.t("wrong.home")})
	}
	return append(bad, checkZip(f, given, "home-zip")...)
}

func checkMail(f *form, given answers) (bad []wrong) {
	if given.is("mail", "same") {
		return nil
	}
	bad = append(f.want(given, "mail-line", "mail-city"), checkState(f, given, "mail-state")...)
	return append(bad, checkZip(f, given, "mail-zip")...)
}

func checkContact(f *form, given answers) (bad []wrong) {
	if v := given.get("email"); v != "" {
		at, err := mail.ParseAddress(v)
		if err != nil || at.Address != v || !strings.Contains(v[strings.LastIndexByte(v, '@'):], ".") {
			bad = append(bad, wrong{"email", f.t("wrong.email")})
		}
	}
	phone, ok := readPhone(given.get("phone"))
	switch {
	case !ok:
		bad = append(bad, wrong{"phone", f.t("wrong.phone")})
	case phone == "" && given.is("texts-yes", "yes"):
		bad = append(bad, wrong{"phone", f.t("wrong.texts")})
	default:
		given.put("phone", phone)
	}
	return bad
}

// readPhone reads a telephone number of the North American plan, or one from
// abroad that begins with +.
func readPhone(typed string) (string, bool) {
	var digits strings.Builder
	for i, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && i == 0, strings.ContainsRune(" -.()", r):
		default:
			return "", false
		}
	}
	d := digits.String()
	if strings.HasPrefix(typed, "+") && !strings.HasPrefix(d, "1") {
		return "+" + d, len(d) >= 7 && len(d) <= 15
	}
	d = strings.TrimPrefix(d, "1")
	if d == "" {
		return "", typed == ""
	}
	if len(d) != 10 || d[0] < '2' {
		return "", false
	}
	return d[:3] + "-" + d[3:6] + "-" + d[6:], true
}

func checkAffirm(f *form, given answers) []wrong {
	for _, o := range affirmFields(f)[0].options {
		if !given.is("affirm-"+o.value, "yes") {
			return []wrong{{"affirm", f.t("wrong.affirm")}}
		}
	}
	return nil
}

// stopOn ends the questions at an answer.
func stopOn(name, value, why string) func(*form) string {
	return func(f *form) string {
		if f.is(name, value) {
			return why
		}
		return ""
	}
}

// stopYoung ends them for whoever may not even register ahead.
func stopYoung(f *form) string {
	e, ok := f.rules.Eligible(election.Date(f.get("birth")), f.today, f.next)
	if f.registers() && ok && e.May == "" {
		return "young"
	}
	return ""
}

// stopNumber ends them for whoever registers without a number where the state
// wants one on the web.
func stopNumber(f *form) string {
	if f.registers() && f.is("number", "none") && len(f.rules.Online.Identifiers) > 0 {
		return "paper"
	}
	return ""
}

// stopped is why somebody's answers end in nothing to send, "" where they do
// not.
func (f *form) stopped() string {
	for i := range questions {
		if q := &questions[i]; q.stop != nil && q.needed(f) && f.asked(q) {
			if why := q.stop(f); why != "" {
				return why
			}
		}
	}
	return ""
}
