-- Why a role was granted.
alter table access_grant add column reason text not null default '';

-- How often what a decision rests on has changed in a jurisdiction. Each node
-- keeps grants and policies in memory and looks here whether they still hold.
create table access_version (
  jurisdiction text not null,
  n            bigint not null,
  primary key (jurisdiction)
);

-- The last day on which a person made use of a permission.
create table access_use (
  jurisdiction text not null,
  person       text not null,
  permission   text not null,
  day          text not null, -- 2026-11-03, UTC
  primary key (jurisdiction, person, permission)
);

-- What waits for a second person, and who decided.
create table access_request (
  jurisdiction text not null,
  id           text not null,
  act          text not null,            -- pair.Act
  subject      text not null,
  reason       text not null check (reason <> ''),
  also         text not null default '', -- ids of others with a hand in it, by spaces
  payload      text not null default '', -- JSON, what is to be done
  asked_by     text not null,
  asked_name   text not null,
  asked_at     timestamp not null,
  expires_at   timestamp not null,
  state        text not null check (state in ('asked', 'agreed', 'refused', 'withdrawn', 'expired')),
  decided_by   text not null default '',
  decided_name text not null default '',
  decided_at   timestamp,
  answer       text not null default '',
  primary key (jurisdiction, id),
  check (state <> 'agreed' or decided_by <> asked_by)
);

-- Of each subject one request waits at a time.
create unique index access_request_open on access_request (jurisdiction, act, subject) where state = 'asked';

-- An office's own policies, each version for good; the highest is in force.
create table access_policy (
  jurisdiction text not null,
  version      bigint not null,
  body         text not null, -- empty: the office has none of its own any more
  hash         text not null, -- sha256 of body
  reason       text not null,
  asked_by     text not null,
  asked_name   text not null,
  agreed_by    text not null,
  agreed_name  text not null,
  applied_at   timestamp not null,
  primary key (jurisdiction, version),
  check (agreed_by <> asked_by)
);

-- A review of all grants in a jurisdiction and below it.
create table access_review (
  jurisdiction text not null,
  id           text not null,
  reason       text not null,
  opened_by    text not null,
  opened_name  text not null,
  opened_at    timestamp not null,
  due          text not null, -- day
  closed_by    text not null default '',
  closed_name  text not null default '',
  closed_at    timestamp,
  hash         text not null default '', -- sha256 of what was attested
  primary key (jurisdiction, id)
);

-- A grant as it was when the review began, and what was decided.
create table access_review_item (
  jurisdiction text not null,
  review       text not null,
  place        text not null, -- jurisdiction of the grant
  person       text not null,
  name         text not null,
  role         text not null,
  granted_by   text not null,
  granted_at   timestamp not null,
  last_used    text not null, -- day, or empty
  decision     text not null default '' check (decision in ('', 'kept', 'revoked')),
  note         text not null default '',
  decided_by   text not null default '',
  decided_name text not null default '',
  decided_at   timestamp,
  primary key (jurisdiction, review, place, person, role)
);
