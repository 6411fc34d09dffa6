-- How often people said that a group gives a role no more: what was asked for
-- before is not agreed to after.
create table provision_unmapped (
  jurisdiction text not null,
  group_id     text not null,
  role         text not null,
  times        bigint not null,
  primary key (jurisdiction, group_id, role)
);
