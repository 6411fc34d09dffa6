-- One row for each election that takes results.
create table results_election (
  jurisdiction text not null,
  election     text not null,
  definition   text not null,             -- hash of the locked definition
  mode         text not null check (mode in ('test', 'live')),
  status       text not null,             -- of the next version, in NIST's words
  version      bigint not null default 0, -- the last approved one
  next_at      timestamp,                 -- when the next update is expected
  opened_at    timestamp not null,
  primary key (jurisdiction, election)
);

-- Who sends files, and how to read them.
create table results_source (
  jurisdiction text not null,
  election     text not null,
  id           text not null,
  name         text not null check (name <> ''),
  mode         text not null check (mode in ('cumulative', 'incremental')),
  split        text not null check (split in ('total', 'types')),
  mapping      jsonb,      -- how the columns of a flat file are read
  layout       jsonb,      -- how the fields of a fixed-width file are read
  overvotes    text not null default 'votes' check (overvotes in ('votes', 'ballots')),
  due_at       timestamp,  -- when its next file is expected
  every_s      bigint not null default 0, -- then every so many seconds
  primary key (jurisdiction, election, id)
);

-- A report is one file (or one set of hand-entered numbers) that came in.
-- blocked: refused by a check; held: waits for a second person; returned: sent
-- back by one; approved: counts from version on, until withdrawn_in.
create table results_report (
  jurisdiction text not null,
  id           text not null,
  election     text not null,
  mode         text not null check (mode in ('test', 'live')),
  source       text not null,
  kind         text not null check (kind in ('file', 'hand', 'withdrawal', 'status')),
  file         text not null,
  format       text not null,
  sha256       text not null,
  sheet        text not null, -- blob: the counts with every name resolved
  findings     text not null, -- blob: what the checks had to say
  row_count    bigint not null,
  worst        text not null, -- level of the worst finding
  holds        bigint not null,
  correction   text not null default '', -- why numbers may go down
  target       text not null default '', -- the report that a withdrawal takes back; the contest that a status is for
  adds         boolean not null default false, -- the source was incremental when the file came in
  base         bigint not null default 0, -- the version that the checks compared with
  found        text not null default '', -- blob: what reading the file had to say, before any check
  also_by      text not null default '', -- hand entry: the first of the two who typed
  status       text not null,            -- of the results if this is approved
  state        text not null check (state in ('blocked', 'held', 'returned', 'approved')),
  uploaded_by  text not null,
  uploaded_name text not null,
  uploaded_at  timestamp not null,
  decided_by   text,
  decided_name text not null default '',
  decided_at   timestamp,
  reason       text not null default '', -- of the decision
  version      bigint,
  withdrawn_in bigint,
  primary key (jurisdiction, id),
  check (state in ('blocked', 'held') or decided_by is not null),
  check (state <> 'approved' or decided_by <> uploaded_by and decided_by <> also_by), -- two people for what matters
  check ((state = 'approved') = (version is not null))
);
create index results_report_election on results_report (jurisdiction, election, state);
-- The same content waits once. What was approved is compared when a file comes
-- in and again when it is approved, because a later file may have replaced it.
create unique index results_report_content on results_report (jurisdiction, election, mode, source, sha256)
  where kind = 'file' and state = 'held';

-- A version is what the public may see, numbered without gaps.
create table results_version (
  jurisdiction text not null,
  election     text not null,
  version      bigint not null check (version > 0),
  mode         text not null check (mode in ('test', 'live')),
  kind         text not null check (kind in ('publish', 'correction', 'withdrawal', 'status')),
  definition   text not null, -- hash of the definition that its counts refer to
  status       text not null,
  report       text not null,
  reason       text not null default '',
  approved_by  text not null,
  approved_at  timestamp not null,
  published_at timestamp, -- when the public could see it
  made         text not null default '', -- blob: what the next version's pages need of this one
  primary key (jurisdiction, election, version)
);

-- Numbers typed by hand, twice, by different people.
create table results_entry (
  jurisdiction text not null,
  election     text not null,
  mode         text not null,
  unit         text not null,
  contest      text not null,
  turn         bigint not null check (turn in (1, 2)),
  numbers      jsonb not null,
  entered_by   text not null,
  entered_name text not null,
  entered_at   timestamp not null,
  report       text not null default '', -- the report that they became part of
  primary key (jurisdiction, election, mode, unit, contest, turn)
);
