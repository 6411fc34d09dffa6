// SPDX-License-Identifier: Apache-2.0

package check

// Rules are the thresholds that an office may set. A threshold of zero means
// its default, so that the zero Rules is the catalogue as it stands.
type Rules struct {
	// As in Abacus W.203. Both must be reached (C02).
	CheckInDifference int64   `toml:"check_in_difference" doc:"C02: ballots and check-ins that differ by so many, and by check_in_percent, are held; 0: 15"`
	CheckInPercent    float64 `toml:"check_in_percent" doc:"C02: and by so many percent of the check-ins; 0: 2"`

	SameDayRegistration bool `toml:"same_day_registration" doc:"C03, C12, T02: voters register at the polls, so ballots may exceed registered voters"`

	// Abacus W.201 and W.202 for blank and invalid.
	UndervotePercent float64 `toml:"undervote_percent" doc:"C07: undervotes of the top contest in percent of its votes; 0: 5"`
	OvervotePercent  float64 `toml:"overvote_percent" doc:"C07: overvotes of any contest in percent of its votes; 0: 1"`
	BlankPercent     float64 `toml:"blank_percent" doc:"C07: ballots without any vote in percent; 0: 3"`
	InvalidPercent   float64 `toml:"invalid_percent" doc:"C07: rejected ballots in percent; 0: 3"`
	Deviations       float64 `toml:"deviations" doc:"C07, H01: robust standard deviations from the middle of all units at which a unit stands out; 0: 3"`

	ZeroUnitsPercent float64 `toml:"zero_units_percent" doc:"C08: percent of a county's units in which a choice has no votes; 0: 50"`
	ZeroSharePercent float64 `toml:"zero_share_percent" doc:"C08: although it has this share elsewhere; 0: 5"`

	TenfoldLow  float64 `toml:"tenfold_low" doc:"C10: a number from so many times its expectation …; 0: 8"`
	TenfoldHigh float64 `toml:"tenfold_high" doc:"C10: … to so many looks as if a digit had been added; 0: 12"`

	SmallUnit      int64   `toml:"small_unit" doc:"C11: units with fewer ballots show no vote types; 0: 10"`
	DropOffPercent float64 `toml:"drop_off_percent" doc:"C13: percent by which contests on the same ballots may differ; 0: 1"`

	BatchVotes      int64   `toml:"batch_votes" doc:"T03: more new votes than this are looked at as one batch; 0: 500"`
	BatchPercent    float64 `toml:"batch_percent" doc:"T03: of which so many percent for one choice are held; 0: 99"`
	BatchDeviations float64 `toml:"batch_deviations" doc:"T03: standard deviations of the binomial from the unit's earlier share; 0: 8"`

	RepeatVotes     int64   `toml:"repeat_votes" doc:"I02, I05, C06, T05: fewest votes at which equal numbers are no coincidence; 0: 20"`
	RecountPercent  float64 `toml:"recount_percent" doc:"T06: margin in percent of the contest's votes at which a recount is near; 0: 0.5"`
	SwingPoints     float64 `toml:"swing_points" doc:"H02: points by which a unit's two-party share moved since the last election; 0: 20"`
	NeighbourPoints float64 `toml:"neighbour_points" doc:"H02: while the units beside it moved by less than this; 0: 5"`

	FewestUnits   int   `toml:"fewest_units" doc:"C07, C10, H01, H02: fewest units that are compared with one another; 0: 8"`
	FewestBallots int64 `toml:"fewest_ballots" doc:"C07, C10, T03, H01, H02: fewest ballots or votes of which a rate is believed; 0: 50"`
	MostFindings  int   `toml:"most_findings" doc:"findings that one check lists before it sums up the rest; C01 lists all; 0: 1000"`
}

func (r Rules) orDefaults() Rules {
	set(&r.CheckInDifference, 15)
	set(&r.CheckInPercent, 2)
	set(&r.UndervotePercent, 5)
	set(&r.OvervotePercent, 1)
	set(&r.BlankPercent, 3)
	set(&r.InvalidPercent, 3)
	set(&r.Deviations, 3)
	set(&r.ZeroUnitsPercent, 50)
	set(&r.ZeroSharePercent, 5)
	set(&r.TenfoldLow, 8)
	set(&r.TenfoldHigh, 12)
	set(&r.SmallUnit, 10)
	set(&r.DropOffPercent, 1)
	set(&r.BatchVotes, 500)
	set(&r.BatchPercent, 99)
	set(&r.BatchDeviations, 8)
	set(&r.RepeatVotes, 20)
	set(&r.RecountPercent, 0.5)
	set(&r.SwingPoints, 20)
	set(&r.NeighbourPoints, 5)
	set(&r.FewestUnits, 8)
	set(&r.FewestBallots, 50)
	set(&r.MostFindings, 1000)
	return r
}

func set[N int | int64 | float64](field *N, to N) {
	if *field == 0 {
		*field = to
	}
}
