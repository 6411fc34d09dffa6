// SPDX-License-Identifier: Apache-2.0

// Package event holds the facts that rooms tell one another and that the
// ledger keeps: what happened, in the past tense, under a name that never
// changes. There is one file per teller. A fact of a new shape gets a new
// version in its name; facts may be heard twice.
package event

// All lists one of each fact, for the generated catalogue docs/events.md.
func All() []interface{ Name() string } {
	return []interface{ Name() string }{
		AccountAdded{}, AccountRenamed{}, AccountDisabled{}, AccountEnabled{}, PasswordChanged{}, SignedIn{}, SignInRefused{}, SignedOut{}, TokenMade{}, TokenRevoked{},
		AccountExpires{}, LinkMade{}, LinkUsed{}, PasskeyAdded{}, PasskeyRenamed{}, PasskeyRemoved{}, PasskeyCloned{}, AppAdded{}, AppRemoved{}, PasswordRemoved{}, RecoveryCodesMade{}, RecoveryCodeUsed{}, ProvedAgain{}, ProofRefused{}, SessionEnded{}, EnvelopeSealed{}, EnvelopeOpened{}, EnvelopeSeen{},
		RoleGranted{}, RoleRevoked{}, SecondAsked{}, SecondAgreed{}, SecondRefused{}, PolicyApplied{}, ReviewOpened{}, ReviewDecided{}, ReviewAttested{},
		KeysMade{}, KeysRotated{}, KeysRenewed{}, KeysDestroyed{}, SubjectShredded{}, RootSplit{}, RootJoined{},
		ProviderSet{}, ProviderStopped{}, ProviderRemoved{}, AccountLinked{}, AccountUnlinked{}, WordRefused{}, LeftOutside{},
		SatelliteAdded{}, SatelliteRemoved{}, SatelliteSecretMade{}, SatelliteEntered{}, SatelliteRefused{}, CodeReplayed{}, SatelliteTokenEnded{}, SatelliteLeft{}, SignOutTold{}, SigningKeyMade{}, SigningKeysEnded{},
		ApplicationAccepted{}, ApplicationScanned{}, ApplicationWaits{}, ApplicationDecided{}, ApplicationEnded{}, ApplicationReopened{}, ApplicationsLoaded{}, ApplicationsHeld{}, ApplicationsReleased{}, ApplicationsSentOn{}, DriveOpened{}, FormsHanded{},
		LetterWritten{}, LetterWithdrawn{}, LettersClaimed{}, LettersBatched{}, LettersFreed{}, LettersConfirmed{}, LetterIssued{}, LetterReturned{}, LetterAnswered{}, LetterReturnUndone{}, LetterTemplateKept{},
		VoterRegistered{}, VoterRevised{}, RollLoaded{}, VotersMerged{}, VotersParted{}, LinesBrought{}, LinesPlanned{}, LinesUsed{}, VotersMoved{}, LinesTakenBack{}, RollTurned{}, DraftsShredded{},
		ExtractAsked{}, ExtractMade{}, ExtractFailed{}, ExtractFetched{}, ExtractExpired{}, ExtractLooked{}, SurveyAsked{}, ExtractChoicesSaved{}, ExtractChoicesRemoved{},
		DefinitionDrafted{}, DefinitionLocked{}, DefinitionSuperseded{}, AliasSet{}, AliasRemoved{},
		ResultsOpened{}, ResultsSourceSaved{}, ResultsMapped{}, ResultsHeld{}, ResultsRefused{}, ResultsReturned{}, ResultsApproved{}, ResultsPublished{}, ResultsEntered{},
		ResultsReferenceKept{}, ResultsReferenceRemoved{}, ResultsZeroSeen{},
		PersonProvisioned{}, ProvisionRefused{}, GroupProvisioned{}, GroupMapped{},
		UpkeepTaken{}, UpkeepReleased{}, UpkeepLinked{}, UpkeepDecided{}, UpkeepActed{}, UpkeepNotice{}, UpkeepRemoval{}, UpkeepRemoved{}, UpkeepUndone{}, UpkeepLabelled{}, UpkeepVotes{},
		RecordsRead{}, AuditExported{}, AuditSearchSaved{}, AuditSearchRemoved{}, SaltsShredded{}, AlarmRaised{}, AlarmClosed{},
	}
}
