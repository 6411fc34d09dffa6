-- What the count is held against: one file of each kind for an election.
create table results_reference (
  jurisdiction text not null,
  election     text not null,
  kind         text not null check (kind in ('deck', 'independent', 'rounds', 'checkins', 'due')),
  file         text not null,
  body         text not null, -- blob: the file itself
  row_count    bigint not null,
  kept_name    text not null,
  kept_at      timestamp not null,
  primary key (jurisdiction, election, kind)
);

-- A source may have to show that it starts from zero before its votes count.
alter table results_source add column zero text not null default '' check (zero in ('', 'awaited', 'seen'));
