-- A voter as they stand now. body is the voter as JSON without what is private;
-- the columns beside it are what people search and count by. Of a protected
-- voter the residence is in private, and no column tells it.
create table registry_voter (
	jurisdiction  text      not null,
	id            text      not null,
	version       bigint    not null check (version > 0), -- of the history; 1: there is no other
	last_key      text      not null, -- names and streets as they are compared
	first_key     text      not null,
	birth         text      not null, -- YYYY-MM-DD, or empty
	street_key    text      not null,
	zip           text      not null,
	phone         text      not null, -- digits
	email         text      not null, -- lower case
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
	body          text      not null,
	licence       bytea,
	licence_index bytea,
	ssn4          bytea,
	ssn4_index    bytea,
	private       bytea, -- the rest of what is private, as JSON
	primary key (jurisdiction, id)
);
create index registry_voter_last on registry_voter (jurisdiction, last_key, first_key);
create index registry_voter_first on registry_voter (jurisdiction, first_key, last_key);
create index registry_voter_birth on registry_voter (jurisdiction, birth);
create index registry_voter_street on registry_voter (jurisdiction, street_key);
create index registry_voter_phone on registry_voter (jurisdiction, phone) where phone <> '';
create index registry_voter_email on registry_voter (jurisdiction, email) where email <> '';
create index registry_voter_precinct on registry_voter (jurisdiction, precinct);
create index registry_voter_licence on registry_voter (jurisdiction, licence_index) where licence_index is not null;
create index registry_voter_ssn4 on registry_voter (jurisdiction, ssn4_index) where ssn4_index is not null;

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
	body         text      not null,
	private      bytea,
	primary key (jurisdiction, voter, version)
);

-- Further names under which a voter is found: parts of compound names, and
-- former names.
create table registry_name (
	jurisdiction text not null,
	last_key     text not null,
	first_key    text not null,
	voter        text not null,
	primary key (jurisdiction, last_key, first_key, voter)
);
create index registry_name_voter on registry_name (jurisdiction, voter);

-- The words of the roll's names, so that a name that was typed wrongly finds
-- those that are there. kind: l last, f first.
create table registry_word (
	jurisdiction text not null,
	kind         text not null,
	word         text not null,
	primary key (jurisdiction, kind, word)
);
