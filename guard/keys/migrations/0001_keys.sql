-- Key-encryption keys, wrapped by the root key. One is in use per
-- jurisdiction; old ones stay only as long as something is wrapped by them.
create table keys_kek (
  jurisdiction text not null,
  id           text not null, -- a fingerprint, which tells nothing about the key
  root         text not null, -- id of the root key that wrapped it
  origin       text not null check (origin in ('made', 'brought')),
  state        text not null check (state in ('current', 'destroyed')),
  wrapped      bytea,
  made_at      timestamp not null,
  ended_at     timestamp,
  primary key (jurisdiction, id),
  check ((state = 'destroyed') = (wrapped is null))
);
create unique index keys_kek_current on keys_kek (jurisdiction) where state = 'current';

-- Data keys, wrapped by the jurisdiction's key-encryption key.
create table keys_key (
  jurisdiction text not null,
  purpose      text not null,
  kind         text not null check (kind in ('seal', 'index')),
  number       bigint not null check (number > 0),
  kek          text not null,
  state        text not null check (state in ('current', 'old', 'destroyed')),
  wrapped      bytea,
  made_at      timestamp not null,
  ended_at     timestamp, -- when it was no longer current
  destroyed_at timestamp,
  primary key (jurisdiction, purpose, kind, number),
  check ((state = 'destroyed') = (wrapped is null))
);
create unique index keys_key_current on keys_key (jurisdiction, purpose, kind) where state = 'current';

-- Each change of the above counts here, so that every node notices.
create table keys_version (
  jurisdiction text not null,
  version      bigint not null,
  primary key (jurisdiction)
);

-- A subject's own key: of a person, of an election. Without it the subject's
-- fields are unreadable for good; the row stays to say so.
create table keys_subject (
  jurisdiction text not null,
  subject      text not null check (subject <> ''),
  sealed       bytea,
  made_at      timestamp not null,
  shredded_at  timestamp,
  primary key (jurisdiction, subject),
  check ((shredded_at is null) = (sealed is not null))
);

-- A rotation of the data keys, and how far each column has come.
create table keys_rotation (
  jurisdiction text not null,
  id           text not null,
  job          text not null,
  began_at     timestamp not null,
  began_by     text not null,
  finished_at  timestamp,
  primary key (jurisdiction, id)
);
create unique index keys_rotation_open on keys_rotation (jurisdiction) where finished_at is null;

create table keys_walk (
  jurisdiction text not null,
  rotation     text not null,
  field        text not null, -- TABLE.COLUMN
  after        text not null, -- JSON: the key of the last row that was looked at
  total        bigint not null,
  seen         bigint not null,
  renewed      bigint not null,
  unreadable   bigint not null,
  problem      text not null, -- the first field that does not open
  done         boolean not null,
  primary key (jurisdiction, rotation, field)
);

-- What was done with the root key.
create table keys_ceremony (
  jurisdiction text not null,
  id           text not null,
  kind         text not null check (kind in ('split', 'joined', 'rotated', 'brought', 'rehearsed')),
  root         text not null,
  need         bigint not null, -- officials, of a split
  officials    bigint not null,
  by_person    text not null,
  at           timestamp not null,
  primary key (jurisdiction, id)
);
