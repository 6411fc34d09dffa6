-- The keys of voters who were loaded as a roll: those that begin with the same
-- bits in one row, so that a million voters have a hundred thousand rows and
-- not nine million. Keys of later changes are in registry_key.
create table registry_leaf (
	jurisdiction text   not null,
	bucket       bigint not null, -- the first bits of the keys
	entries      bytea  not null, -- of each: the key's last bytes, the length of the voter's number, the number
	primary key (jurisdiction, bucket)
);
