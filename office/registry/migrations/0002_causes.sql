-- What a change rests on, such as an application or a run of a programme; a
-- change for a cause is made once for each voter. Empty for none.
alter table registry_voter add column cause text not null default '';
alter table registry_version add column cause text not null default '';
create unique index registry_voter_cause on registry_voter (jurisdiction, cause) where cause <> '' and version = 1;
create index registry_version_cause on registry_version (jurisdiction, cause) where cause <> '';
