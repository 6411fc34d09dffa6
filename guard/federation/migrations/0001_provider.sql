-- Other houses whose word is taken for who somebody is.
create table federation_provider (
  jurisdiction text not null,
  id           text not null,
  settings     text not null, -- JSON; the secret in it is the id of a row of federation_secret
  active       boolean not null,
  made_at      timestamp not null,
  changed_at   timestamp not null,
  primary key (jurisdiction, id)
);

-- The e-mail domains that a house speaks for. One house speaks for one domain,
-- so that no two can claim the same person.
create table federation_domain (
  jurisdiction text not null,
  domain       text not null check (domain = lower(domain)),
  provider     text not null,
  primary key (jurisdiction, domain)
);

-- What we prove to a house that it is us with, sealed. A row never changes; a
-- new secret is a new row, in force with the settings that name it.
create table federation_secret (
  jurisdiction text not null,
  id           text not null,
  provider     text not null,
  sealed       bytea not null,
  primary key (jurisdiction, id)
);
create index federation_secret_provider on federation_secret (jurisdiction, provider);

-- People on their way to another house and back. A flow is known by the hash of
-- the secret that goes along, and belongs to the browser with the cookie.
create table federation_flow (
  jurisdiction text not null,
  hash         text not null,
  provider     text not null,
  purpose      text not null check (purpose in ('enter', 'again', 'try')),
  browser      text not null, -- hash of the cookie
  session      text not null, -- of whoever proves again or tries
  request      text not null, -- id of the SAML request
  goal         bytea not null, -- sealed: where they go then, and the form that was held
  word         bytea,          -- sealed: what a SAML house said, until its browser comes
  began_at     timestamp not null,
  expires_at   timestamp not null,
  primary key (jurisdiction, hash)
);
create index federation_flow_expires on federation_flow (jurisdiction, expires_at);

-- What is taken once: assertions and logout tokens, by hash.
create table federation_seen (
  jurisdiction text not null,
  provider     text not null,
  hash         text not null,
  until        timestamp not null,
  primary key (jurisdiction, provider, hash)
);
create index federation_seen_until on federation_seen (jurisdiction, until);

-- Whom a house vouches for: its own name for a person, and the account.
create table federation_link (
  jurisdiction text not null,
  id           text not null,
  provider     text not null,
  subject      text not null,
  account      text not null,
  linked_at    timestamp not null,
  used_at      timestamp not null,
  primary key (jurisdiction, id),
  unique (jurisdiction, provider, subject),
  unique (jurisdiction, provider, account)
);
create index federation_link_account on federation_link (jurisdiction, account);

-- Sessions that began by a house's word, for when it says that they end.
create table federation_session (
  jurisdiction text not null,
  session      text not null,
  provider     text not null,
  subject      text not null,
  sid          text not null, -- the house's own name for its session; may be empty
  account      text not null,
  began_at     timestamp not null,
  primary key (jurisdiction, session)
);
create index federation_session_subject on federation_session (jurisdiction, provider, subject);

-- Roles that a house's rules gave. Those that people gave are not here.
create table federation_grant (
  jurisdiction text not null,
  provider     text not null,
  account      text not null,
  role         text not null,
  given_at     timestamp not null,
  primary key (jurisdiction, provider, account, role)
);
create index federation_grant_account on federation_grant (jurisdiction, account);
