// SPDX-License-Identifier: Apache-2.0

// Package hustings is the house: everything an election office runs besides
// casting and counting votes. This file is the floor plan; nothing here runs.
//
//	cmd/hustings/  main, about 15 lines
//	app/           the one list of rooms, the one config struct, the CLI, Run and Close
//	election/      nouns that every room shares; data only, standard library only
//	event/         facts that rooms tell one another, one file per teller
//	format/        outside file formats in their own shape; knows nothing of Hustings
//	kit/           plumbing that knows no election rules: db ledger web publish job blob …
//	office/ guard/ the wings; every folder in them is a room
//	fake/          a pretend outside world for the demo and the tests
//	web/           front-end sources, built into web/dist and embedded
//	story/         whole-house tests written as short stories
//	e2e/           journeys in a real browser
//	bench/         benchmarks and what they measured
//	docs/          decisions, runbooks, and the generated lists of routes, events, permissions and settings
//
// Arrows go one way: election <- event <- rooms -> kit. format imports nothing
// of ours; app introduces the rooms to each other; a room never imports a
// room. house_test.go reads every import and says so in milliseconds.
package hustings
