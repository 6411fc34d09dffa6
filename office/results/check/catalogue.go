// SPDX-License-Identifier: Apache-2.0

package check

import "hustings/office/results/tally"

// Rule is one check of the catalogue. Its title, and why it is there, are in
// the words of the room under Key+".title" and Key+".why".
type Rule struct {
	ID     string
	Level  tally.Level // the worst that it says; a lighter case is said more lightly
	Family string      // identity, cross-foot, time, definition, history, rounds, state, people
	Key    string

	uncapped bool
	needs    func(*run) bool
	run      func(*run)
}

// Catalogue is all 44 checks, in the order in which they run.
var Catalogue = []Rule{
	rule("I01", tally.Block, "identity", hasFile, (*run).unknownNames),
	rule("I02", tally.Block, "identity", hasSheet, (*run).countedBefore),
	rule("I03", tally.Block, "identity", hasSheet, (*run).whollyThere),
	rule("I04", tally.Block, "identity", hasSheet, (*run).declared),
	rule("I05", tally.Block, "identity", hasMode, (*run).testOrEarly),
	rule("I06", tally.Block, "identity", hasClaims, (*run).otherElection),
	rule("I07", tally.Hold, "identity", hasGenerated, (*run).outOfOrder),
	rule("I08", tally.Block, "identity", hasFile, (*run).unusableNumbers),

	rule("C01", tally.Hold, "cross-foot", hasTypes, (*run).typesMakeTotal).listAll(),
	rule("C02", tally.Hold, "cross-foot", hasCheckIns, (*run).ballotsMeetCheckIns),
	rule("C03", tally.Hold, "cross-foot", hasLimits, (*run).withinLimits),
	rule("C04", tally.Hold, "cross-foot", hasBalance, (*run).balances),
	rule("C05", tally.Hold, "cross-foot", hasParents, (*run).partsMakeWhole),
	rule("C06", tally.Hold, "cross-foot", hasSheet, (*run).hiddenSubtotals),
	rule("C07", tally.Warn, "cross-foot", hasRates, (*run).unusedVotes),
	rule("C08", tally.Hold, "cross-foot", hasSheet, (*run).zeroesInRows),
	rule("C09", tally.Hold, "cross-foot", hasStyles, (*run).onTheBallot),
	rule("C10", tally.Hold, "cross-foot", hasExpectation, (*run).slipsOfDigits),
	rule("C11", tally.Warn, "cross-foot", hasSheet, (*run).tinyUnits),
	rule("C12", tally.Warn, "cross-foot", hasBallots, (*run).noneOrAll),
	rule("C13", tally.Warn, "cross-foot", hasAccounts, (*run).dropOff),

	rule("T01", tally.Hold, "time", hasLast, (*run).fewerVotes),
	rule("T02", tally.Hold, "time", hasBeforeAfter, (*run).moreThanOutstanding),
	rule("T03", tally.Hold, "time", hasEarlier, (*run).oneSidedBatch),
	rule("T04", tally.Hold, "time", hasReporting, (*run).fewerUnits),
	rule("T05", tally.Hold, "time", hasSheet, (*run).loadedTwice),
	rule("T06", tally.Warn, "time", hasBeforeAfter, (*run).leaderChanges),
	rule("T07", tally.Warn, "time", hasLastProgress, (*run).votesWithoutUnits),

	rule("D01", tally.Block, "definition", hasDevices, (*run).deviceDefinition),
	rule("D02", tally.Block, "definition", hasChoices, (*run).deviceChoices),
	rule("D03", tally.Block, "definition", hasDeck, (*run).deckComesOut),

	rule("H01", tally.Warn, "history", hasFormer, (*run).turnoutMoved),
	rule("H02", tally.Warn, "history", hasFormer, (*run).shareMoved),

	rule("R01", tally.Hold, "rounds", hasSecond, (*run).secondTabulation),
	rule("R02", tally.Hold, "rounds", hasProfiles, (*run).ruleProfile),
	rule("R03", tally.Hold, "rounds", hasRounds, (*run).roundsAddUp),
	rule("R04", tally.Hold, "rounds", hasRounds, (*run).eliminatedStayOut),

	rule("S01", tally.Info, "state", hasSheet, (*run).howFar),
	rule("S02", tally.Hold, "state", hasCompleteness, (*run).missingParts),
	rule("S03", tally.Warn, "state", hasDue, (*run).overdue),
	rule("S04", tally.Block, "state", hasCertified, (*run).openHolds),

	rule("P01", tally.Block, "people", hasRelease, (*run).secondPerson),
	rule("P02", tally.Hold, "people", hasTyped, (*run).typedTwice),
	rule("P03", tally.Block, "people", hasLog, (*run).openLog),
}

func rule(id string, level tally.Level, family string, needs func(*run) bool, do func(*run)) Rule {
	return Rule{ID: id, Level: level, Family: family, Key: "results.check." + id, needs: needs, run: do}
}

// listAll exempts a rule from the cap: each of its rows is somebody's work.
func (r Rule) listAll() Rule { r.uncapped = true; return r }

func hasSheet(r *run) bool { return r.Sheet != nil }

func hasFile(r *run) bool {
	return r.Sheet != nil || r.Statement != nil
}
