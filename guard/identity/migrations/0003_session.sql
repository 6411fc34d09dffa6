-- A session knows how well its person proved who they are, and when. Sessions
-- from before this had no such thing; their people sign in again.
drop table identity_session;
create table identity_session (
  jurisdiction text not null,
  hash         text not null, -- SHA-256 of the secret in the person's cookie
  id           text not null, -- what screens and facts call it; it opens nothing
  account      text not null,
  level        bigint not null check (level between 1 and 3), -- of assurance, after NIST SP 800-63B-4
  method       text not null, -- how they signed in: password, passkey, …
  created_at   timestamp not null,
  proved_at    timestamp not null, -- when they last proved that it is them
  seen_at      timestamp not null, -- to the minute, for the idle limit
  address      text not null,
  agent        text not null,
  primary key (jurisdiction, hash),
  unique (jurisdiction, id)
);
create index identity_session_account on identity_session (jurisdiction, account);
