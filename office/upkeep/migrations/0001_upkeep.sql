-- One file that was put through a programme, or one look at the roll itself.
create table upkeep_run (
	jurisdiction  text      not null,
	id            text      not null,
	kind          text      not null,
	file          text      not null,
	sha256        text      not null, -- of the file; empty while it is read, and for a look at the roll
	state         text      not null check (state in ('reading', 'held', 'refused', 'linking', 'open', 'undoing', 'undone')),
	lines         bigint    not null default 0,
	profile       text      not null default '{}',
	verdict       text      not null default '{}',
	troubles      text      not null default '[]',
	summary       text      not null default '{}', -- what the matching says of itself
	taken_by      text      not null,
	taken_name    text      not null,
	taken_at      timestamp not null,
	released_by   text      not null default '',
	released_name text      not null default '',
	release_why   text      not null default '',
	undone_by     text      not null default '',
	undone_at     timestamp,
	undone_why    text      not null default '',
	stays         text      not null default '[]', -- what could not be taken back
	job           text      not null default '',
	primary key (jurisdiction, id)
);
create unique index upkeep_run_file on upkeep_run (jurisdiction, kind, sha256) where sha256 <> '' and state <> 'undone' and state <> 'refused';

-- The lines of a file as they were read, some hundred together, sealed.
create table upkeep_part (
	jurisdiction text   not null,
	run          text   not null,
	part         text   not null,
	private      bytea,
	primary key (jurisdiction, run, part)
);

-- Somebody of the roll whom a line is taken to be about; other is the second
-- registration of a duplicate.
create table upkeep_candidate (
	jurisdiction text   not null,
	run          text   not null,
	number       text   not null, -- eight digits, the surest first
	voter        text   not null,
	other        text   not null,
	line         bigint not null,
	tier         text   not null check (tier in ('auto', 'review', 'none')),
	weight       bigint not null, -- thousandths of a bit
	steps        text   not null, -- the waterfall, which names no values
	cautions     text   not null, -- why somebody should look
	action       text   not null check (action in ('update', 'notice', 'propose', 'merge', 'restore')),
	decision     text   not null default '' check (decision in ('', 'same', 'different', 'unsure')),
	document     text   not null default '',
	decided_by   text   not null default '',
	decided_name text   not null default '',
	decided_at   timestamp,
	decided_why  text   not null default '',
	done         text   not null default '' check (done in ('', 'updated', 'noticed', 'proposed', 'merged', 'restored', 'removed', 'dropped', 'undone')),
	done_at      timestamp,
	round        bigint not null default 0, -- how often a decision was taken back
	trouble      text   not null default '',
	stratum      bigint not null,
	sampled      boolean not null default false,
	label        text   not null default '' check (label in ('', 'same', 'different', 'unsure')),
	label_by     text   not null default '',
	private      bytea, -- the line
	primary key (jurisdiction, run, number)
);
create index upkeep_candidate_open on upkeep_candidate (jurisdiction, run, tier, decision, done);
create index upkeep_candidate_done on upkeep_candidate (jurisdiction, done);

-- A notice of 52 U.S.C. 20507(d)(2), and what came of it.
create table upkeep_notice (
	jurisdiction text      not null,
	id           text      not null, -- run/number of its candidate, or of the letter that came back
	voter        text      not null,
	kind         text      not null, -- of the programme
	letter       text      not null,
	leaves       boolean   not null, -- it asks whether the voter has left; else it tells of a change
	stage        text      not null check (stage in ('written', 'waiting', 'answered', 'confirmed', 'moved', 'voted', 'removed', 'undone', 'told')),
	written_on   text      not null,
	issued_on    text      not null default '',
	due_on       text      not null default '', -- not taken off before
	returned_on  text      not null default '',
	answered_on  text      not null default '',
	ended_on     text      not null default '',
	primary key (jurisdiction, id)
);
create index upkeep_notice_letter on upkeep_notice (jurisdiction, letter);
create index upkeep_notice_voter on upkeep_notice (jurisdiction, voter);
create index upkeep_notice_due on upkeep_notice (jurisdiction, stage, due_on);

-- Who voted on what day, as far as the office has told us.
create table upkeep_vote (
	jurisdiction text not null,
	voter        text not null,
	day          text not null,
	how          text not null,
	primary key (jurisdiction, voter, day)
);

-- Voters whom people have decided to take off the roll.
create table upkeep_removal (
	jurisdiction text      not null,
	id           text      not null,
	state        text      not null check (state in ('asked', 'agreed', 'done', 'withdrawn')),
	items        text      not null, -- JSON: where each comes from
	why          text      not null,
	asked_by     text      not null,
	asked_name   text      not null,
	asked_at     timestamp not null,
	agreed_by    text      not null default '',
	agreed_name  text      not null default '',
	agreed_at    timestamp,
	removed      bigint    not null default 0,
	left_in      text      not null default '[]', -- JSON: who was left in, and why
	primary key (jurisdiction, id)
);
