-- The end of each jurisdiction's chain. Writers lock their row here last, so
-- the order of commits is the order of the sequence.
create table ledger_head (
	jurisdiction text   not null primary key check (jurisdiction <> ''),
	seq          bigint not null check (seq >= 0),
	hash         bytea  not null
);

-- Every fact, in its place. Rows are added and never changed. The time is text
-- (2026-11-03T20:15:00.000000Z) because it is hashed as it stands.
create table ledger_entry (
	jurisdiction text   not null check (jurisdiction <> ''),
	seq          bigint not null check (seq > 0),
	id           text   not null,
	at           text   not null,
	actor        text   not null, -- who acted; '' when nobody was known
	on_behalf    text   not null,
	via          text   not null, -- browser, api, cli, watch, system
	request      text   not null,
	name         text   not null check (name <> ''),
	subject      text   not null,
	data         text   not null, -- JSON, byte for byte as hashed
	prev         bytea  not null,
	hash         bytea  not null,
	primary key (jurisdiction, seq)
);
create index ledger_entry_subject on ledger_entry (jurisdiction, subject, seq);
create index ledger_entry_name on ledger_entry (jurisdiction, name, seq);

-- How far each listener has heard. A fact that it could not take leaves its
-- error here and stops the listener in that jurisdiction.
create table ledger_cursor (
	jurisdiction text   not null,
	listener     text   not null,
	seq          bigint not null check (seq >= 0), -- the last one it has heard
	tries        bigint not null default 0,        -- of the one after that
	error        text   not null default '',
	at           text   not null,                  -- when this row last moved
	primary key (jurisdiction, listener)
);

-- Who is at work for a listener, across nodes. fence grows with every new
-- holder; a cursor moves only under the fence it was read with.
create table ledger_lease (
	listener text   not null primary key,
	holder   text   not null,
	fence    bigint not null,
	expires  text   not null
);
