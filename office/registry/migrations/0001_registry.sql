-- A voter as they stand now. body is the voter as JSON without what is private;
-- the columns beside it are what people count by. Of a protected voter the
-- residence is in private, and no column tells it.
create table registry_voter (
	jurisdiction  text      not null,
	id            text      not null,
	version       bigint    not null check (version > 0), -- of the history; 1: there is no other
	birth         text      not null, -- YYYY-MM-DD, or empty
	precinct      text      not null,
	party         text      not null,
	state         text      not null,
	reason        text      not null,
	source        text      not null,
	registered    text      not null,
	protected     boolean   not null,
	valid_from    text      not null, -- YYYY-MM-DD
	recorded_at   timestamp not null,
	recorded_by   text      not null,
	why           text      not null,
	cause         text      not null, -- what the change rests on, or empty
	body          text      not null,
	licence       bytea,
	licence_index bytea,
	ssn4          bytea,
	ssn4_index    bytea,
	private       bytea, -- the rest of what is private, as JSON
	primary key (jurisdiction, id)
);
create index registry_voter_licence on registry_voter (licence_index) where licence_index is not null;
create index registry_voter_ssn4 on registry_voter (ssn4_index) where ssn4_index is not null;
create unique index registry_voter_cause on registry_voter (jurisdiction, cause) where cause <> '' and version = 1;

-- Every version of a voter that has more than one: from which day it holds, and
-- when that was recorded. Of versions that hold from the same day the one
-- recorded last counts.
create table registry_version (
	jurisdiction text      not null,
	voter        text      not null,
	version      text      not null, -- the number, in ten digits
	valid_from   text      not null,
	recorded_at  timestamp not null,
	recorded_by  text      not null,
	why          text      not null,
	cause        text      not null,
	body         text      not null,
	private      bytea,
	primary key (jurisdiction, voter, version)
);
create index registry_version_cause on registry_version (jurisdiction, cause) where cause <> '';

-- What voters are found by: the beginning of a hash of a name, a birth date, a
-- door, a telephone or an e-mail address, as it is compared. Whoever looks
-- reads the voter as well, so two that fall together do no harm.
create table registry_key (
	jurisdiction text   not null,
	key          bigint not null,
	voter        text   not null,
	primary key (jurisdiction, key, voter)
) without rowid;

-- The words of the roll's names and streets, so that what was typed wrongly
-- finds those that are there. kind: l last name, f first name, s street.
create table registry_word (
	jurisdiction text not null,
	kind         text not null,
	word         text not null,
	primary key (jurisdiction, kind, word)
) without rowid;
