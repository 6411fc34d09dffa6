// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"embed"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"hustings/kit/fault"
)

// Contract is what was agreed with whoever sends a kind of file. A change of it
// is a new version.
type Contract struct {
	Source   string  `toml:"source"`
	Version  int     `toml:"version"`
	Rejected float64 `toml:"rejected"` // share of rows that may be unusable
	Rows     struct {
		Least  int     `toml:"least"`
		Change float64 `toml:"change"` // how far the size may be off what is usual, as a share; 0: it is not looked at
	} `toml:"rows"`
	Births struct {
		Column    string  `toml:"column"`
		Days      float64 `toml:"days"`      // share of the days on which so many people would be born
		Commonest float64 `toml:"commonest"` // share of the rows that one day may have; 0: it is not looked at
	} `toml:"births"`
	Column []Column `toml:"column"`
}

// Column is what was agreed of a column.
type Column struct {
	Name       string  `toml:"name"`
	Required   bool    `toml:"required"`
	Format     Format  `toml:"format"`
	Blank      float64 `toml:"blank"`      // share of rows that may have nothing in it
	More       float64 `toml:"more"`       // how much more than usual may be blank; 0: it is not looked at
	Unreadable float64 `toml:"unreadable"` // share of rows that may have something of another format in it
}

// The bounds of a contract's file.
const (
	mostBytes   = 64 << 10
	mostColumns = 100
)

// Read reads a contract in TOML. What it does not know it refuses: a misspelt
// limit would hold nothing back.
func Read(in io.Reader) (*Contract, error) {
	text, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the contract could not be read")
	}
	if len(text) > mostBytes {
		return nil, fault.New(fault.TooLarge, "the contract is longer than %d bytes", mostBytes)
	}
	c := &Contract{}
	meta, err := toml.Decode(string(text), c)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the contract could not be read: %s", err.Error())
	}
	if more := meta.Undecoded(); len(more) > 0 {
		return nil, fault.New(fault.Invalid, "the contract has %q, which says nothing here; look for a misspelling", more[0].String())
	}
	return c, c.check()
}

func (c *Contract) check() error {
	switch {
	case c.Source == "" || len(c.Source) > 40 || !Code.fits(c.Source):
		return fault.New(fault.Invalid, "the contract names no source; give letters, digits and hyphens")
	case c.Version < 1:
		return fault.New(fault.Invalid, "the contract of %s has no version; the first is 1", c.Source)
	case len(c.Column) == 0 || len(c.Column) > mostColumns:
		return fault.New(fault.Invalid, "the contract of %s has %d columns; there must be 1 to %d", c.Source, len(c.Column), mostColumns)
	case c.Rows.Least < 0 || !isFinite(c.Rows.Change) || c.Rows.Change < 0:
		return fault.New(fault.Invalid, "the contract of %s limits the rows by something below zero", c.Source)
	}
	shares := []struct {
		name string
		v    float64
	}{{"rejected", c.Rejected}, {"births.days", c.Births.Days}, {"births.commonest", c.Births.Commonest}}
	var names []string
	for _, col := range c.Column {
		switch {
		case col.Name == "" || slices.Contains(names, col.Name):
			return fault.New(fault.Invalid, "the contract of %s has a column %q twice or without a name", c.Source, col.Name)
		case !col.Format.known():
			return fault.New(fault.Invalid, "the contract of %s: the column %s has the format %q, which is unknown", c.Source, col.Name, string(col.Format))
		}
		names = append(names, col.Name)
		for _, s := range []struct {
			name string
			v    float64
		}{{"blank", col.Blank}, {"more", col.More}, {"unreadable", col.Unreadable}} {
			s.name = col.Name + "." + s.name
			shares = append(shares, s)
		}
	}
	if c.Births.Column != "" && !slices.Contains(names, c.Births.Column) {
		return fault.New(fault.Invalid, "the contract of %s looks for days of birth in %q, which is no column of it", c.Source, c.Births.Column)
	}
	for _, s := range shares {
		if !(s.v >= 0 && s.v <= 1) {
			return fault.New(fault.Invalid, "the contract of %s: %s is no share; give a number from 0 to 1", c.Source, s.name)
		}
	}
	return nil
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

//go:embed contracts/*.toml
var shipped embed.FS

// ours are the contracts that come with the program, by source.
var ours = sync.OnceValue(func() map[string]*Contract {
	out := map[string]*Contract{}
	list, err := shipped.ReadDir("contracts")
	if err != nil {
		panic(err) // they are in the program itself
	}
	for _, f := range list {
		in, err := shipped.Open(path.Join("contracts", f.Name()))
		if err != nil {
			panic(err)
		}
		c, err := Read(in)
		if err != nil || c.Source != strings.TrimSuffix(f.Name(), ".toml") {
			panic("contracts/" + f.Name() + " is no contract of that source")
		}
		out[c.Source] = c
	}
	return out
})

// For is the contract that comes with the program for a source.
func For(source string) (*Contract, error) {
	if c, ok := ours()[source]; ok {
		return c, nil
	}
	return nil, fault.New(fault.NotFound, "There is no contract for the source %q. There are: %s.", source, strings.Join(Sources(), ", "))
}

// Sources lists the sources that have a contract.
func Sources() []string {
	var out []string
	for s := range ours() {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
