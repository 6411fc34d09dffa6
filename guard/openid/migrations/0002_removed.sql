-- How often satellites of a name were removed: what was asked for before is not
-- agreed to after.
create table openid_removed (
  jurisdiction text not null,
  name         text not null,
  times        bigint not null,
  primary key (jurisdiction, name)
);
