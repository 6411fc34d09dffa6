// SPDX-License-Identifier: Apache-2.0

// Package county makes up a county, for the demo and for tests: its land, its
// ballot, how its people vote, and the files of its election night. Everything
// follows from a seed; the same seed makes the same bytes. It is named fake
// because nothing in it is real: the State of Meridian (XX) does not exist.
//
//	New -> Definition   what is on the ballot, complete, with a map
//	    -> Night        the files that arrive on election night, in order
//	    -> Deck         the test deck of the logic-and-accuracy test
//	    -> Truth        how everybody really voted
//
// Alder County has a river, a city, four towns, 96 precincts of which four are
// split by a school district, and about 190,000 voters. Its night has a story:
// early and mail ballots lean one way and are counted first, the polling
// places lean the other way, and the last few ballots decide who will be sheriff.
//
// Four sources send files. None reports what another does, so their numbers
// add up:
//
//	central    early, mail and provisional ballots of all precincts   NIST ERR, XML and JSON   by type
//	polls      election day, all precincts but those below            OpenElections CSV        by type
//	fairhaven  election day in the Town of Fairhaven                  Clarity XML in a zip     by type
//	valley     election day in the Town of Cedar Fork                 ES&S fixed width         total only
//
// Every source is cumulative: each file replaces the one before.
package county

import (
	"fmt"
	"math/rand/v2"
	"time"

	"hustings/election"
)

// County is a synthetic county and its election. It never changes once made.
type County struct {
	seed   uint64
	closes time.Time // when the polls close
	land   *land
	def    *election.Definition
	races  []race
	leaves []leaf
	parent map[election.UnitID]election.UnitID
	boxes  [][]*box // by leaf and race; nil where the race is not on the ballot
	rounds []round  // of the ranked race
}

// leaf is a unit that reports: a precinct, or a part of a split one.
type leaf struct {
	*area
	unit     election.UnitID
	name     string // as files have it
	number   string
	precinct int
	races    []int // on its ballot
	home

	cast     [piles]int64 // ballots
	blank    [piles]int64 // of those, without any vote
	checkIns [piles]int64 // voters who came, or whose envelope was accepted
}

// The things that are drawn by chance. Each has its own stream of numbers, so
// that a change to one leaves the others as they were.
const (
	drawLand uint64 = iota + 1
	drawNames
	drawPlaces
	drawVotes
	drawFormer
	drawRankings
	drawNight
)

// New makes the county of a seed that votes on a day (YYYY-MM-DD, else it
// panics) in a time zone by its IANA name.
func New(seed uint64, day election.Date, zone string) *County {
	c := &County{seed: seed, land: newLand(seed)}
	c.def = &election.Definition{Election: c.election(day, zone), Parties: parties, VoteTypes: voteTypes}
	open, err := day.In(c.def.Election.Zone())
	if err != nil {
		panic(fmt.Sprintf("county: %q is not a day like 2026-11-03", day))
	}
	c.closes = time.Date(open.Year(), open.Month(), open.Day(), closeHour, 0, 0, 0, open.Location())
	c.def.Election.Calendar = c.calendar()
	c.addUnits()
	c.addRaces()
	c.addStyles()
	c.addPlaces()
	c.vote()
	c.rank()
	c.remember()
	return c
}

// Definition is what is on the ballot. It must not be changed.
func (c *County) Definition() *election.Definition { return c.def }

func (c *County) rand(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(c.seed, stream)) }

// Delivery is a file that arrives on election night.
type Delivery struct {
	At          time.Duration // after the polls have closed
	Source      string
	SourceName  string
	Incremental bool // the file adds to those before; no source here does that
	ByType      bool // the source tells vote types apart
	Name        string
	Body        []byte
	Note        string // what a watcher should know
	Planted     string // what is wrong with the file on purpose; empty where nothing is
}
