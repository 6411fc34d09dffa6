-- Every version of every election's definition. A locked version never
-- changes; results refer to it by its hash.
create table definition_version (
  jurisdiction text not null,
  election     text not null,
  version      bigint not null check (version > 0),
  state        text not null check (state in ('draft', 'locked', 'superseded')),
  name         jsonb not null,  -- the election's name, by language
  day          text not null,   -- of the election
  hash         text not null,
  body         text not null,   -- blob: the definition as canonical JSON
  source       text not null,   -- the file it came from
  drafted_by   text not null,
  drafted_at   timestamp not null,
  locked_by    text,
  locked_at    timestamp,
  reason       text not null default '', -- why it was superseded
  primary key (jurisdiction, election, version),
  check (state = 'draft' or locked_by is not null),
  check (state <> 'superseded' or reason <> '')
);
-- An election has at most one draft and one locked version.
create unique index definition_version_draft on definition_version (jurisdiction, election) where state = 'draft';
create unique index definition_version_locked on definition_version (jurisdiction, election) where state = 'locked';

-- What outside names mean, as a person decided.
create table definition_alias (
  jurisdiction text not null,
  election     text not null,
  kind         text not null check (kind in ('unit', 'contest', 'choice', 'vote-type')),
  county       text not null,
  contest      text not null,
  district     text not null,
  name         text not null check (name <> ''),
  party        text not null,
  id           text not null check (id <> ''),
  set_by       text not null,
  set_at       timestamp not null,
  primary key (jurisdiction, election, kind, county, contest, district, name, party)
);
