-- A list out of the roll: what was asked for, by whom and for whom, and what
-- became of it. Its file lies in pieces in the blob store, sealed under secret,
-- which is null when the file is gone.
create table extract_extract (
	jurisdiction text      not null,
	id           text      not null,
	list         text      not null,
	choices      text      not null, -- JSON
	recipient    text      not null,
	purpose      text      not null,
	state        text      not null check (state in ('waiting', 'queued', 'made', 'failed', 'refused', 'expired', 'written')),
	second       boolean   not null, -- a second person must agree
	asked_by     text      not null,
	asked_name   text      not null,
	asked_at     timestamp not null,
	agreed_by    text      not null default '',
	job          text      not null default '',
	report       text      not null default '', -- JSON, once it is made
	problem      text      not null default '',
	made_at      timestamp,
	expires      timestamp,
	secret       bytea,
	primary key (jurisdiction, id)
);
create index extract_extract_expires on extract_extract (jurisdiction, expires) where state = 'made';

-- The pieces of a file, in their order.
create table extract_piece (
	jurisdiction text   not null,
	extract      text   not null,
	number       bigint not null,
	blob         text   not null,
	primary key (jurisdiction, extract, number)
);

-- Choices that were kept under a name.
create table extract_saved (
	jurisdiction text      not null,
	id           text      not null,
	label        text      not null,
	list         text      not null,
	choices      text      not null, -- JSON
	saved_by     text      not null,
	saved_at     timestamp not null,
	primary key (jurisdiction, id),
	unique (jurisdiction, label)
);

-- The roll, counted: how many there are of each value of each sort. They are of
-- the moment in extract_counted.
create table extract_count (
	jurisdiction text   not null,
	sort         text   not null, -- state, party, source, age, precinct, county, day
	value        text   not null,
	state        text   not null, -- of the registrations, '' where it does not matter
	n            bigint not null,
	primary key (jurisdiction, sort, value, state)
);
create table extract_counted (
	jurisdiction text      not null,
	as_of        text      not null, -- the day as of which the roll was read
	counted_at   timestamp not null,
	took_ms      bigint    not null,
	voters       bigint    not null,
	stale_since  timestamp, -- the first change that is not counted; null for none
	primary key (jurisdiction)
);
