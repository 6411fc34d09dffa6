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
