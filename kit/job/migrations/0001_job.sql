-- Work that takes longer than a request. fence grows each time somebody takes
-- a job up; who works on it writes only under the fence it was taken with.
create table job_job (
	jurisdiction text      not null,
	id           text      not null,
	kind         text      not null,
	key          text      not null, -- of jobs of a kind with the same key, one is unfinished at a time; '' for any number
	args         text      not null, -- JSON
	state        text      not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
	cancel       boolean   not null default false, -- somebody has asked for it to stop
	actor        text      not null, -- who queued it
	request      text      not null,
	queued_at    timestamp not null,
	run_at       timestamp not null, -- not before this, by the house's clock
	started_at   timestamp,
	finished_at  timestamp,
	tries        bigint    not null default 0,
	fence        bigint    not null default 0,
	expires      text      not null default '', -- of the worker's lease, by the database's clock
	done         bigint    not null default 0,
	total        bigint    not null default 0,
	message      text      not null default '',
	result       text      not null default '', -- JSON
	error        text      not null default '',
	primary key (jurisdiction, id)
);
create unique index job_job_once on job_job (jurisdiction, kind, key) where key <> '' and state in ('queued', 'running');
create index job_job_due on job_job (run_at) where state in ('queued', 'running');
create index job_job_kind on job_job (jurisdiction, kind, id);

-- When work that repeats is due next.
create table job_repeat (
	jurisdiction text      not null,
	kind         text      not null,
	next_at      timestamp not null,
	primary key (jurisdiction, kind)
);
