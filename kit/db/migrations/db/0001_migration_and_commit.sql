-- Which numbered files have been run. The checksum tells when one has been
-- altered afterwards. Not a tenant table: the schema belongs to the house.
create table db_migration (
	room       text   not null,
	number     bigint not null check (number > 0),
	name       text   not null,
	checksum   text   not null,
	applied_at text   not null,
	primary key (room, number)
);

-- PostgreSQL only: the key of each write, committed with it, so that after a
-- connection died during a commit the writer can look whether it went through.
-- Old keys are swept away. Not a tenant table: a write may touch several.
create table db_commit (
	key        text not null primary key,
	at         text not null
);
create index db_commit_at on db_commit (at);
