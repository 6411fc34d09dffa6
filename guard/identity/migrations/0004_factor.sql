-- An account is a person's, a program's (service), or the one in the sealed
-- envelope (envelope). It may end on a day.
alter table identity_account add column kind text not null default 'person' check (kind in ('person', 'service', 'envelope'));
alter table identity_account add column expires_at timestamp;
alter table identity_account add column used_at timestamp; -- last sign-in, or when it was last woken

-- A token may be good for some permissions only.
alter table identity_token add column scope text not null default ''; -- permissions, apart by spaces; empty: all that the account may
alter table identity_token add column used_at timestamp; -- to the day

-- Codes that were wrong since the last proof; at five the session ends.
alter table identity_session add column misses bigint not null default 0;

-- Passkeys. The key is the public half.
create table identity_passkey (
  jurisdiction text not null,
  id           text not null, -- credential id, base64url
  account      text not null,
  name         text not null check (name <> ''),
  key          bytea not null,
  aaguid       text not null, -- model of the authenticator, as it says itself
  transports   text not null,
  counter      bigint not null,
  synced       boolean not null, -- may be copied to other devices by its maker's cloud
  backed_up    boolean not null,
  cloned       boolean not null, -- its counter once went backwards
  created_at   timestamp not null,
  used_at      timestamp,
  primary key (jurisdiction, id)
);
create index identity_passkey_account on identity_passkey (jurisdiction, account);

-- The secret of a person's authenticator app; it counts once confirmed.
create table identity_app (
  jurisdiction text not null,
  account      text not null,
  secret       bytea, -- sealed; null before the first is confirmed
  pending      bytea, -- sealed; set up and not yet confirmed
  prepared_at  timestamp not null,
  confirmed_at timestamp,
  step         bigint not null default 0, -- of the last code taken, so that none is taken twice
  primary key (jurisdiction, account)
);

-- Recovery codes, each good once.
create table identity_recovery (
  jurisdiction text not null,
  account      text not null,
  hash         text not null,
  used_at      timestamp,
  primary key (jurisdiction, account, hash)
);

-- One-time links: a welcome for a new account, or for one whose owner has lost
-- their factors. The first administrator's has no account yet.
create table identity_link (
  jurisdiction text not null,
  hash         text not null,
  account      text not null,
  made_by      text not null,
  created_at   timestamp not null,
  expires_at   timestamp not null,
  primary key (jurisdiction, hash)
);
create index identity_link_account on identity_link (jurisdiction, account);

-- Ceremonies under way, each good once: a challenge that waits for its answer.
create table identity_ceremony (
  jurisdiction text not null,
  hash         text not null,
  kind         text not null,
  account      text not null,
  data         text not null,
  expires_at   timestamp not null,
  primary key (jurisdiction, hash)
);
create index identity_ceremony_expires on identity_ceremony (jurisdiction, expires_at);

-- Browsers that an account has signed in from, by the hash of a cookie.
create table identity_device (
  jurisdiction text not null,
  account      text not null,
  hash         text not null,
  used_at      timestamp not null,
  primary key (jurisdiction, account, hash)
);

-- What an account's owner sees of it: sign-ins, refusals, and what changed.
create table identity_history (
  jurisdiction text not null,
  account      text not null,
  id           text not null,
  at           timestamp not null,
  what         text not null,
  detail       text not null,
  address      text not null,
  agent        text not null,
  times        bigint not null,
  alert        boolean not null, -- the owner should look at it
  seen_at      timestamp,        -- when they did
  primary key (jurisdiction, account, id)
);
create index identity_history_at on identity_history (jurisdiction, account, at);
