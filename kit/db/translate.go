// SPDX-License-Identifier: Apache-2.0

package db

import (
	"regexp"
	"strings"
)

// sqliteTypes are the column types that SQLite would take for numbers: it goes
// by the letters in a type's name, and turns the JSON text 1e3 in a "jsonb"
// column into the number 1000.
var sqliteTypes = map[string]string{
	"jsonb": "text",
	"bytea": "blob",
}

// withoutRowid has SQLite keep a table in the order of its primary key alone;
// PostgreSQL has nothing like it, and is not told.
var withoutRowid = regexp.MustCompile(`(?i)\)\s*without\s+rowid\s*;`)

// translate puts a migration's column types into the engine's own words. It
// leaves quoted text, quoted names and comments alone.
func translate(sql, engine string) string {
	if engine != "sqlite" {
		return withoutRowid.ReplaceAllString(sql, ");")
	}
	var out strings.Builder
	out.Grow(len(sql))
	for len(sql) > 0 {
		n, word := token(sql)
		if t, ok := sqliteTypes[strings.ToLower(sql[:n])]; ok && word {
			out.WriteString(t)
		} else {
			out.WriteString(sql[:n])
		}
		sql = sql[n:]
	}
	return out.String()
}

// token measures what sql starts with: a word, a quoted text, a comment, or
// one byte of anything else.
func token(sql string) (n int, word bool) {
	switch c := sql[0]; {
	case c == '\'' || c == '"':
		if end := strings.IndexByte(sql[1:], c); end >= 0 {
			return end + 2, false // a doubled quote reads as two texts, which is fine here
		}
		return len(sql), false
	case strings.HasPrefix(sql, "--"):
		if end := strings.IndexByte(sql, '\n'); end >= 0 {
			return end, false
		}
		return len(sql), false
	case strings.HasPrefix(sql, "/*"):
		if end := strings.Index(sql, "*/"); end >= 0 {
			return end + 2, false
		}
		return len(sql), false
	case isWord(c):
		for n = 1; n < len(sql) && isWord(sql[n]); n++ {
		}
		return n, true
	}
	return 1, false
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
