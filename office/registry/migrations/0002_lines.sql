-- Where addresses vote: the street ranges that an office brought in, each list
-- beside the ones before it. One is in use.
create table registry_lines (
	jurisdiction text      not null,
	id           text      not null,
	name         text      not null, -- of the file
	sha256       text      not null,
	state        text      not null check (state in ('draft', 'in use', 'superseded', 'taken back')),
	holds_from   text      not null, -- YYYY-MM-DD
	brought_at   timestamp not null,
	brought_by   text      not null,
	used_at      timestamp,
	segments     bytea     not null, -- JSON, gzip
	ranges       bigint    not null, -- how many segments
	flaws        text      not null, -- JSON: what is wrong with them
	plan         text      not null, -- JSON: what they would do to the roll, or empty
	primary key (jurisdiction, id)
);
