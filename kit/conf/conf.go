// SPDX-License-Identifier: Apache-2.0

// Package conf reads the settings: a TOML file, then the environment over it.
// The settings are one plain struct with toml and doc tags; its value before
// loading is the defaults, and a zero value always works, so that a new
// program runs with an old file. An unknown setting is an error that names
// the line. A secret is never a setting, only the path of the file that holds
// it is. A setting with the tag hide:"password" is a URL that may hold a
// password all the same; what is printed of it does not.
package conf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"hustings/kit/fault"
)

// Load fills into, a pointer to the struct of settings, from the TOML file at
// path (none if empty) and from variables such as HUSTINGS_PUBLIC_LISTEN.
// Faults are Invalid and name the file and line, or the variable.
func Load(into any, path string, environ []string) error {
	if path != "" {
		body, err := os.ReadFile(path)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "the settings file %s cannot be read: %s", path, cause(err))
		}
		if err := parse(into, path, string(body)); err != nil {
			return err
		}
	}
	return fromEnv(into, environ)
}

func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func parse(into any, path, body string) error {
	meta, err := toml.Decode(body, into)
	var bad toml.ParseError
	switch {
	case errors.As(err, &bad):
		return fault.Wrap(fault.Invalid, err, "%s line %d: %s", path, bad.Position.Line, bad.Message)
	case err != nil:
		if wrong := mistyped(into, body); wrong != "" {
			return fault.Wrap(fault.Invalid, err, "%s %s", path, wrong)
		}
		return fault.Wrap(fault.Invalid, err, "%s: %s", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fault.New(fault.Invalid, "%s: unknown setting %s; `hustings config print` lists all that there are", path, strings.Join(located(body, unknown), ", "))
	}
	return nil
}

// mistyped says which setting holds the wrong kind of value, and its line, in
// words of the file. The TOML library would speak of types of the program.
func mistyped(into any, body string) string {
	var file map[string]any
	if _, err := toml.Decode(body, &file); err != nil {
		return ""
	}
	for _, s := range Settings(into) {
		key := strings.Split(s.Name, ".")
		at := any(file)
		for i, part := range key {
			table, ok := at.(map[string]any)
			if !ok {
				section := key[:i]
				return fmt.Sprintf("line %d: %s is a section, to be written as [%[2]s] on a line of its own", lineOf(body, section), strings.Join(section, "."))
			}
			at = table[part]
			if at == nil {
				break
			}
		}
		if want := wanted(s.Value, at); at != nil && want != "" {
			return fmt.Sprintf("line %d: %s is %s; want %s", lineOf(body, key), s.Name, written(at), want)
		}
	}
	return ""
}

// wanted says what a setting wants, if a value of the file is none of it.
func wanted(v reflect.Value, value any) string {
	if _, text := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); text {
		return "" // it says so itself, and the line is known
	}
	ok, want := true, ""
	switch v.Kind() {
	case reflect.String:
		_, ok = value.(string)
		want = "text in quotes"
	case reflect.Bool:
		_, ok = value.(bool)
		want = "true or false, without quotes"
	case reflect.Int, reflect.Int64:
		_, ok = value.(int64)
		want = "a whole number, without quotes"
	case reflect.Float64:
		_, whole := value.(int64)
		_, ok = value.(float64)
		ok, want = ok || whole, "a number, without quotes"
	case reflect.Slice:
		var list []any
		list, ok = value.([]any)
		for _, one := range list {
			if _, text := one.(string); !text && v.Type().Elem().Kind() == reflect.String {
				ok = false
			}
		}
		want = `a list such as ["one", "two"]`
	}
	if ok {
		return ""
	}
	return want
}

// written shows a value as it may stand in the file.
func written(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a section"
	}
	return fmt.Sprint(value)
}

// located names keys and their lines. The keys inside of an unknown table are
// left out: the table is what is wrong.
func located(body string, keys []toml.Key) []string {
	var out []string
	inside := "\x00"
	for _, k := range keys {
		if strings.HasPrefix(k.String(), inside) {
			continue
		}
		inside = k.String() + "."
		out = append(out, fmt.Sprintf("%s (line %d)", k, lineOf(body, k)))
	}
	return out
}

// lineOf finds the line where a key is set, or for a key of an inline table the
// line where that table is. The TOML library knows lines of broken text only.
func lineOf(body string, key toml.Key) int {
	table := ""
	for i, line := range strings.Split(body, "\n") {
		line = strings.TrimSpace(line)
		name := ""
		if header, ok := strings.CutPrefix(line, "["); ok {
			header, _, _ = strings.Cut(strings.TrimPrefix(header, "["), "]")
			table = bare(header)
			name = table
		} else if left, _, ok := strings.Cut(line, "="); ok {
			name = strings.TrimPrefix(table+"."+bare(left), ".")
		}
		if name == bare(key.String()) {
			return i + 1
		}
	}
	if len(key) > 1 {
		return lineOf(body, key[:len(key)-1])
	}
	return 1
}

// bare is a dotted key without the blanks and quotes that it may be written with.
func bare(key string) string { return quoting.Replace(key) }

var quoting = strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "")

// Setting is one setting, for printing and for the generated documentation.
type Setting struct {
	Name  string // section.key, as in the file
	Env   string // HUSTINGS_SECTION_KEY
	Doc   string
	Value reflect.Value
	Hide  bool // a URL whose password is not printed
}

// Settings lists every setting of a struct in the order of its fields.
func Settings(cfg any) []Setting {
	var out []Setting
	walk(reflect.Indirect(reflect.ValueOf(cfg)), "", &out)
	return out
}

func walk(v reflect.Value, prefix string, out *[]Setting) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		name = prefix + name
		if f.Type.Kind() == reflect.Struct {
			walk(v.Field(i), name+".", out)
			continue
		}
		env := "HUSTINGS_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))
		*out = append(*out, Setting{name, env, f.Tag.Get("doc"), v.Field(i), f.Tag.Get("hide") == "password"})
	}
}

func fromEnv(into any, environ []string) error {
	byEnv := make(map[string]Setting)
	for _, s := range Settings(into) {
		byEnv[s.Env] = s
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "HUSTINGS_") || name == "HUSTINGS_CONFIG" {
			continue
		}
		s, ok := byEnv[name]
		if !ok && injected(name, value) {
			continue
		}
		if !ok {
			return fault.New(fault.Invalid, "the environment has %s, which is no setting; `hustings config print` lists all that there are", name)
		}
		if err := set(s.Value, value); err != nil {
			return fault.Wrap(fault.Invalid, err, "the environment has %s=%s: %s", name, value, err)
		}
	}
	return nil
}

// platform matches the variables by which Kubernetes and container links tell
// every program where a service is, here one whose name begins with hustings:
// HUSTINGS_SERVICE_HOST, HUSTINGS_OFFICE_SERVICE_PORT_HTTP,
// HUSTINGS_PORT_8080_TCP_ADDR.
var platform = regexp.MustCompile(`^HUSTINGS_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?)$`)

// injected says whether a variable was put there by the platform. HUSTINGS_PORT
// and HUSTINGS_OFFICE_PORT are only when they hold a service's URL: somebody
// who writes HUSTINGS_DOORS_PORT=80 is told that there is no such setting.
func injected(name, value string) bool {
	return platform.MatchString(name) || strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

func set(v reflect.Value, text string) error {
	if d, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
		return d.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("want true or false")
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errors.New("want a whole number")
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("want a number")
		}
		v.SetFloat(f)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.String {
			return errors.New("can only be set in the file")
		}
		v.Set(reflect.ValueOf(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })))
	default:
		return errors.New("can only be set in the file")
	}
	return nil
}

// Duration is a length of time written as in "90s" or "15m".
type Duration time.Duration

// UnmarshalText reads "90s", "15m", "12h".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("want a length of time such as 90s or 15m, not %q", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the duration as it is read.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Or is the duration, or a default where none is set.
func (d Duration) Or(other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return time.Duration(d)
}

// Print writes the settings in force as a TOML file with a comment each.
func Print(w io.Writer, cfg any) error {
	settings := Settings(cfg)
	sort.SliceStable(settings, func(i, j int) bool { return section(settings[i].Name) < section(settings[j].Name) })
	last := ""
	for _, s := range settings {
		sec, key := section(s.Name), s.Name[strings.LastIndex(s.Name, ".")+1:]
		if sec != last && sec != "" {
			if _, err := fmt.Fprintf(w, "\n[%s]\n", sec); err != nil {
				return err
			}
			last = sec
		}
		value := literal(s.Value)
		if s.Hide {
			value = quote(withoutPassword(s.Value.String()))
		}
		if _, err := fmt.Fprintf(w, "%s = %s # %s\n", key, value, s.Doc); err != nil {
			return err
		}
	}
	return nil
}

func section(name string) string {
	i := strings.LastIndex(name, ".")
	if i < 0 {
		return ""
	}
	return name[:i]
}

func literal(v reflect.Value) string {
	if m, ok := v.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
		b, _ := m.MarshalText()
		return quote(string(b))
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String())
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// quote writes a TOML basic string. Go's own quoting knows escapes that TOML
// does not, such as \a and \x7f.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text { // bytes that are no UTF-8 become U+FFFD; TOML has no way to write them
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// masked stands where a password was.
const masked = "xxxxx"

// withoutPassword is a database URL without its password, be it before the host
// or among the parameters. It takes URLs with several hosts, which net/url does
// not, and hides all where it cannot tell.
func withoutPassword(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text // sqlite:PATH
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	hosts, params, query := rest[:end], rest[end:], ""
	if i := strings.IndexByte(params, '?'); i >= 0 {
		params, query = params[:i], params[i:]
	}
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		if user, _, has := strings.Cut(hosts[:at], ":"); has {
			hosts = user + ":" + masked + hosts[at:]
		}
	} else if strings.Contains(params+query, "@") {
		return masked // a slash in the password, perhaps
	}
	return scheme + "://" + hosts + params + secretParameter.ReplaceAllString(query, "${1}="+masked)
}

// secretParameter matches password=… and sslpassword=… in a query.
var secretParameter = regexp.MustCompile(`(?i)([?&](?:ssl)?password)=[^&#]*`)

// Doc writes a Markdown table of all settings with their defaults.
func Doc(w io.Writer, defaults any) error {
	_, err := fmt.Fprintf(w, "| setting | variable | default | meaning |\n|---|---|---|---|\n")
	for _, s := range Settings(defaults) {
		if err == nil {
			_, err = fmt.Fprintf(w, "| `%s` | `%s` | `%s` | %s |\n", s.Name, s.Env, literal(s.Value), s.Doc)
		}
	}
	return err
}
