-- Satellites: programs of the office whose people sign in here. Lists are apart
-- by spaces.
create table openid_client (
  jurisdiction text not null,
  id           text not null,
  name         text not null check (name <> ''),
  public       boolean not null, -- it can keep no secret: it runs on a person's own device
  hash         text not null, -- SHA-256 of its secret; empty: none made yet
  redirects    text not null check (redirects <> ''),
  sign_outs    text not null, -- where a person may go after signing out
  back_channel text not null, -- where it is told that a session has ended; empty: nowhere
  scopes       text not null, -- what it may learn besides who it is: profile, email, roles
  roles        text not null, -- whose holders may use it; empty: all staff
  level        bigint not null check (level between 1 and 3), -- how well its people must have proved who they are
  made_at      timestamp not null,
  made_by      text not null,
  secret_at    timestamp,
  primary key (jurisdiction, id),
  unique (jurisdiction, name),
  check ((hash = '') = (secret_at is null)),
  check (not public or hash = '')
);

-- A code is good once, for a minute, for the satellite and the answer to the
-- challenge that it was made for.
create table openid_code (
  jurisdiction text not null,
  hash         text not null, -- SHA-256 of the code
  client       text not null,
  redirect     text not null,
  challenge    text not null, -- of RFC 7636, S256
  nonce        text not null,
  scopes       text not null,
  account      text not null,
  session      text not null,
  issuer       text not null,
  level        bigint not null check (level between 1 and 3),
  method       text not null,
  proved_at    timestamp not null,
  expires_at   timestamp not null,
  used_at      timestamp,
  primary key (jurisdiction, hash)
);
create index openid_code_expires on openid_code (jurisdiction, expires_at);

-- Access tokens open what we say about a person, and nothing else.
create table openid_token (
  jurisdiction text not null,
  hash         text not null, -- SHA-256 of the token
  code         text not null, -- hash of the code that it was given for
  client       text not null,
  account      text not null,
  session      text not null,
  scopes       text not null,
  expires_at   timestamp not null,
  primary key (jurisdiction, hash)
);
create index openid_token_code on openid_token (jurisdiction, code);
create index openid_token_expires on openid_token (jurisdiction, expires_at);

-- A person of a session is signed in to a satellite, which is told when the
-- session ends.
create table openid_visit (
  jurisdiction text not null,
  client       text not null,
  session      text not null,
  account      text not null,
  issuer       text not null, -- as the satellite knows this house
  began_at     timestamp not null,
  primary key (jurisdiction, client, session)
);
create index openid_visit_account on openid_visit (jurisdiction, account);

-- Keys that sign what satellites are told. Of those that have begun, the newest
-- signs; the others stay published until what they signed is over.
create table openid_key (
  jurisdiction text not null,
  id           text not null,
  half         bytea, -- the private half, sealed; null once it signs no more
  public       text not null, -- as a JSON Web Key
  made_at      timestamp not null,
  begins_at    timestamp not null, -- published before, so that nobody meets a key they have not seen
  primary key (jurisdiction, id)
);
