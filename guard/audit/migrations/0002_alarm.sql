-- What somebody should look into now. An alarm that nobody has looked into yet
-- counts what is of the same kind about the same subject.
create table audit_alarm (
	jurisdiction text      not null,
	id           text      not null,
	rule         text      not null,
	subject      text      not null,
	entry        text      not null, -- of the ledger: the first that raised it
	seq          bigint    not null, -- of the last that was counted
	times        bigint    not null,
	first_at     timestamp not null,
	last_at      timestamp not null,
	seen_at      timestamp,
	seen_by      text      not null default '',
	found        text      not null default '', -- what came of it
	primary key (jurisdiction, id)
);
create unique index audit_alarm_open on audit_alarm (jurisdiction, rule, subject) where seen_at is null;
create index audit_alarm_last on audit_alarm (jurisdiction, last_at);

-- How far entries were sent to the collector outside.
create table audit_sent (
	jurisdiction text   not null primary key,
	seq          bigint not null
);
