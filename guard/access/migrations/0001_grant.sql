-- Who holds which role in which jurisdiction.
create table access_grant (
  jurisdiction text not null,
  person       text not null, -- an account of identity
  role         text not null,
  granted_by   text not null,
  granted_at   timestamp not null,
  primary key (jurisdiction, person, role)
);
