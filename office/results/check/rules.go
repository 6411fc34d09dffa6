// SPDX-License-Identifier: Apache-2.0

package check

// Rules are the thresholds that an office may set. A threshold of zero means
// its default, so that the zero Rules is the catalogue as it stands.
type Rules struct {
	// CheckInDifference and CheckInPercent: ballots and check-ins that differ
	// by both are held (C02). Defaults 15 ballots and 2 percent, as in Abacus W.203.
	CheckInDifference int64   `toml:"check_in_difference"`
	CheckInPercent    float64 `toml:"check_in_percent"`
	// SameDayRegistration: voters may register at the polls, so ballots may
	// exceed the registered voters that were counted before (C03, C12).
	SameDayRegistration bool `toml:"same_day_registration"`
	// UndervotePercent of the top contest (C07). Default 5.
	UndervotePercent float64 `toml:"undervote_percent"`
	// OvervotePercent of any contest (C07). Default 1.
	OvervotePercent float64 `toml:"overvote_percent"`
	// BlankPercent of ballots without any vote (C07). Default 3, as in Abacus W.201.
	BlankPercent float64 `toml:"blank_percent"`
	// InvalidPercent of ballots rejected (C07). Default 3, as in Abacus W.202.
	InvalidPercent float64 `toml:"invalid_percent"`
	// Deviations from the middle of all units at which a unit stands out, in
	// robust standard deviations (C07, H01). Default 3.
	Deviations float64 `toml:"deviations"`
	// ZeroUnitsPercent of units in which a choice has no votes although it has
	// ZeroSharePercent or more elsewhere (C08). Defaults 50 and 5.
	ZeroUnitsPercent float64 `toml:"zero_units_percent"`
	ZeroSharePercent float64 `toml:"zero_share_percent"`
	// TenfoldLow and TenfoldHigh: a number so many times its expectation looks
	// as if a digit had been added (C10). Defaults 8 and 12.
	TenfoldLow  float64 `toml:"tenfold_low"`
	TenfoldHigh float64 `toml:"tenfold_high"`
	// SmallUnit: below so many ballots vote types are not shown (C11). Default 10.
	SmallUnit int64 `toml:"small_unit"`
	// DropOffPercent by which the ballots of a unit's contests may differ (C13). Default 1.
	DropOffPercent float64 `toml:"drop_off_percent"`
	// BatchVotes: more new votes than this are looked at as one batch (T03).
	// Default 500. BatchPercent of them for one choice is held. Default 99.
	// BatchDeviations from the unit's own earlier share is a warning, in
	// standard deviations of the binomial. Default 8.
	BatchVotes      int64   `toml:"batch_votes"`
	BatchPercent    float64 `toml:"batch_percent"`
	BatchDeviations float64 `toml:"batch_deviations"`
	// RepeatVotes: the fewest votes at which equal numbers are no coincidence
	// (I02, T05). Default 20.
	RepeatVotes int64 `toml:"repeat_votes"`
	// RecountPercent of the contest's votes: a smaller margin may be recounted (T06). Default 0.5.
	RecountPercent float64 `toml:"recount_percent"`
	// SwingPoints and NeighbourPoints: a unit's two-party share moved by more
	// than the first while its neighbours moved by less than the second (H02).
	// Defaults 20 and 5 percentage points.
	SwingPoints     float64 `toml:"swing_points"`
	NeighbourPoints float64 `toml:"neighbour_points"`
	// FewestUnits and FewestBallots below which no unit is compared with the
	// others (C07, C08, C10, H01, H02). Defaults 8 and 50.
	FewestUnits   int   `toml:"fewest_units"`
	FewestBallots int64 `toml:"fewest_ballots"`
	// MostFindings that one rule lists before it sums up the rest; C01 lists
	// every one. Default 1000.
	MostFindings int `toml:"most_findings"`
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
