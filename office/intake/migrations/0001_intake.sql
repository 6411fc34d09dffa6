-- An application to the roll. body is the application as JSON without what is
-- private; the columns beside it are what the queue is sorted and counted by.
create table intake_application (
	jurisdiction   text      not null,
	id             text      not null,
	accept_key     text      not null, -- the sender's, so that what is sent twice is accepted once
	receipt        text      not null, -- what the applicant asks with; without hyphens
	sender         text      not null, -- account of the program that sent it, or empty
	transaction_id text      not null, -- the sender's number of it
	batch          text      not null, -- the file that it came in, or empty
	line           bigint    not null, -- of that file
	drive          text      not null,
	asks           text      not null,
	form           text      not null,
	source         text      not null,
	counts_on      text      not null, -- YYYY-MM-DD: the day that counts for a deadline
	received_at    timestamp not null,
	birth          text      not null, -- those of one day are looked at again when one of them ends
	step           text      not null check (step in ('entering', 'accepted', 'look', 'verifying', 'ended')),
	doubt          text      not null, -- why a person looks at it
	since          timestamp not null, -- how long it has been there
	retry_at       timestamp,          -- when it is its turn again
	tries          bigint    not null,
	version        bigint    not null, -- raised by each step, so that two cannot take the same
	voter          text      not null, -- of the roll, once that is known
	attempt        bigint    not null, -- how often it was begun again; the causes of the roll's changes name it
	decided        text      not null, -- JSON: what was decided, by a person or a match
	outcome        text      not null,
	reason         text      not null,
	missing        text      not null, -- fields, with spaces between
	ended_at       timestamp,
	body           text      not null,
	private        bytea,              -- sealed: numbers, and where a protected voter lives
	primary key (jurisdiction, id),
	unique (jurisdiction, accept_key),
	unique (jurisdiction, receipt),
	check ((step = 'ended') = (outcome <> '')),
	check ((step = 'ended') = (ended_at is not null))
);
create index intake_application_step on intake_application (jurisdiction, step, counts_on, id);
create index intake_application_voter on intake_application (jurisdiction, voter) where voter <> '';
create index intake_application_look on intake_application (jurisdiction, birth) where step = 'look';
create index intake_application_batch on intake_application (jurisdiction, batch, line) where batch <> '';
create index intake_application_ended on intake_application (jurisdiction, ended_at) where ended_at is not null;
create index intake_application_received on intake_application (jurisdiction, received_at);
create index intake_application_sender on intake_application (jurisdiction, sender, transaction_id) where transaction_id <> '';
create index intake_application_drive on intake_application (jurisdiction, drive) where drive <> '';

-- Pictures of an application: its signature, the pages of its form.
create table intake_picture (
	jurisdiction text   not null,
	application  text   not null,
	n            text   not null, -- 00, 01 …; "signature" is one too
	kind         text   not null check (kind in ('signature', 'page', 'message')),
	media        text   not null,
	size         bigint not null,
	body         bytea,            -- sealed
	primary key (jurisdiction, application, n)
);

-- What happened to an application, step by step.
create table intake_trail (
	jurisdiction text      not null,
	application  text      not null,
	n            bigint    not null,
	at           timestamp not null,
	by_id        text      not null,
	what         text      not null, -- a key of the room's sentences
	reason       text      not null,
	note         text      not null, -- as a person wrote it
	data         text      not null, -- JSON: candidates, evidence; nothing private
	primary key (jurisdiction, application, n)
);

-- A file of applications, as it was handed in.
create table intake_batch (
	jurisdiction text      not null,
	id           text      not null,
	name         text      not null,
	sha256       text      not null,
	source       text      not null,
	kind         text      not null,
	state        text      not null check (state in ('held', 'released', 'loaded')),
	taken_at     timestamp not null,
	taken_by     text      not null,
	released_by  text      not null,
	why          text      not null, -- of the release
	records      bigint    not null,
	fresh        bigint    not null, -- applications that had not come before
	rejected     bigint    not null, -- lines that could not be used
	profile      text      not null, -- JSON: what was counted; nothing of any one person
	findings     text      not null, -- JSON: what the gate has against it
	primary key (jurisdiction, id),
	unique (jurisdiction, source, sha256),
	check (released_by <> taken_by or released_by = '')
);

-- Lines of a file that could not be used, and why. No value of a line is kept.
create table intake_line (
	jurisdiction text   not null,
	batch        text   not null,
	n            bigint not null,
	line         bigint not null,
	field        text   not null,
	what         text   not null,
	remedy       text   not null,
	primary key (jurisdiction, batch, n)
);

-- A registration drive: somebody who collects forms, under a code that is
-- printed on them.
create table intake_drive (
	jurisdiction text      not null,
	code         text      not null,
	name         text      not null check (name <> ''),
	contact      text      not null,
	days         bigint    not null check (days between 1 and 60), -- within which a signed form is handed in
	made_at      timestamp not null,
	made_by      text      not null,
	primary key (jurisdiction, code)
);

-- Blank forms that a drive was given.
create table intake_handed (
	jurisdiction text      not null,
	drive        text      not null,
	id           text      not null,
	day          text      not null,
	forms        bigint    not null check (forms between 1 and 100000),
	at           timestamp not null,
	by_id        text      not null,
	primary key (jurisdiction, drive, id)
);
