// SPDX-License-Identifier: Apache-2.0

package roll

import "slices"

// steps say with what reasons a registration may go from one state to another.
// Cancelled and denied ones come back only as they were taken back, or by a new
// registration of the same person.
var steps = map[State]map[State][]Reason{
	"": {Pending: {Unverified, Incomplete}, PreRegistered: {NotOfAge}, Active: {Verified, Temporary},
		Denied: {NotCitizen, NotOfAge, Felony, Incapacity, Incomplete, Duplicate}},
	Pending: {Active: {Verified, Temporary}, PreRegistered: {NotOfAge}, Denied: {NotCitizen, NotOfAge, Felony, Incapacity, Incomplete, Duplicate},
		Cancelled: {ByVoter, Deceased, Duplicate, Mistake}},
	PreRegistered: {Active: {Verified}, Pending: {Unverified, Incomplete}, Cancelled: {ByVoter, Deceased, Duplicate, Mistake, Moved}},
	Active: {Inactive: {ConfirmationSent, Undeliverable, NotAnswered}, Challenged: {Sustained}, Pending: {Unverified, Incomplete},
		Cancelled: {ByVoter, Moved, Deceased, Felony, Incapacity, NotCitizen, Duplicate, Mistake, Temporary}},
	Inactive: {Active: {Verified}, Challenged: {Sustained},
		Cancelled: {ByVoter, Moved, TwoElections, Deceased, Felony, Incapacity, NotCitizen, Duplicate, Mistake}},
	Challenged: {Active: {Verified}, Inactive: {ConfirmationSent, Undeliverable, NotAnswered},
		Cancelled: {Sustained, ByVoter, Moved, Deceased, Felony, Incapacity, NotCitizen, Duplicate, Mistake}},
	Denied:    {Pending: {Unverified, Incomplete}, Active: {Verified}, PreRegistered: {NotOfAge}},
	Cancelled: {Active: {Verified, Mistake}, Pending: {Unverified, Incomplete}, PreRegistered: {NotOfAge}},
}

// May says whether a registration may go from one state to another for a
// reason. To stay in a state for another reason is no step. An active one is
// never cancelled for not having answered: 52 U.S.C. 20507(d) wants the notice,
// and two federal general elections, first; so TwoElections starts from
// inactive alone.
func May(from, to State, why Reason) bool {
	return from == to || slices.Contains(steps[from][to], why)
}

// Next are the states that a registration may go to, with their reasons.
func Next(from State) map[State][]Reason { return steps[from] }
