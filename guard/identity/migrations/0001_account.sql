-- Staff accounts. A password is an argon2id hash in PHC form; empty: none set.
create table identity_account (
  jurisdiction text not null,
  id           text not null,
  email        text not null check (email = lower(email) and email <> ''),
  name         text not null check (name <> ''),
  password     text not null,
  failures     bigint not null default 0, -- wrong passwords since the last sign-in
  locked_until timestamp,
  created_at   timestamp not null,
  disabled_at  timestamp,
  primary key (jurisdiction, id),
  unique (jurisdiction, email)
);

-- A session is known by the SHA-256 of the token in the person's cookie, so
-- that reading this table signs nobody in.
create table identity_session (
  jurisdiction text not null,
  hash         text not null,
  account      text not null,
  created_at   timestamp not null,
  seen_at      timestamp not null, -- to the minute, for the idle limit
  address      text not null,
  agent        text not null,
  primary key (jurisdiction, hash)
);
create index identity_session_account on identity_session (jurisdiction, account);

-- Tokens let a program act for an account, such as one that uploads results.
create table identity_token (
  jurisdiction text not null,
  hash         text not null,
  id           text not null,
  account      text not null,
  purpose      text not null,
  created_at   timestamp not null,
  expires_at   timestamp not null,
  primary key (jurisdiction, hash),
  unique (jurisdiction, id)
);
