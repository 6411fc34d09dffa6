// SPDX-License-Identifier: Apache-2.0

package verify

import "slices"

// finding is what an answer means under a practice.
type finding struct {
	step    Step
	reason  Reason
	final   bool    // no other number can change it
	differs []Field // all of them, those too that do not count
}

// weigh says what an answer means.
func (p Practice) weigh(asked Record, k Kind, a Answer) finding {
	switch {
	case a.Code == InvalidInput:
		return finding{step: AsksPerson, reason: NumberImpossible}
	case k == SSN4:
		return p.weighSSN4(a)
	case a.found(k):
		return p.weighLicense(asked, a)
	}
	return finding{step: NeedsID, reason: LicenseNotFound}
}

// weighLicense weighs a licence that was found. One of somebody else is looked
// at by a person even if the other number would match: the roll would keep a
// wrong number as a verified one.
func (p Practice) weighLicense(asked Record, a Answer) finding {
	f := finding{differs: a.Differs}
	silent := a.Code == NoMatch && len(a.Differs) == 0 // does not say what differs
	if a.OnFile != nil {
		f.differs, silent = compare(p.LicenseNames, asked, *a.OnFile), false
	}
	if silent || slices.ContainsFunc(f.differs, func(x Field) bool { return slices.Contains(p.Fields, x) }) {
		f.step, f.reason, f.final = AsksPerson, FieldsDiffer, true
		return f
	}
	switch {
	case slices.Contains(p.Standings, a.Standing):
		f.step, f.reason, f.final = Verified, LicenseMatches, true
	case a.Standing == Expired:
		f.step, f.reason = NeedsID, LicenseExpired
	case a.Standing == Surrendered:
		f.step, f.reason = AsksPerson, LicenseSurrendered
	default:
		f.step, f.reason = AsksPerson, LicenseOutOfState
	}
	return f
}

// weighSSN4 weighs an answer of the Social Security Administration. That
// somebody with these data has died never cancels anything: it may be the
// voter's namesake, and programmes for deaths have notices of their own.
func (p Practice) weighSSN4(a Answer) finding {
	switch {
	case slices.Contains(p.SSN4Matches, a.Code):
		return finding{step: Verified, reason: SSN4Matches, final: true}
	case a.Code == SingleDeceased, a.Code == MultipleDeceased:
		return finding{step: AsksPerson, reason: Deceased, final: true}
	case a.Code == NoMatch:
		return finding{step: NeedsID, reason: SSN4DoesNotMatch}
	}
	return finding{step: AsksPerson, reason: SeveralPeople}
}
