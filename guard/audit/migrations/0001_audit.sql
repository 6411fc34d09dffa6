-- Entries of one jurisdiction that became leaves together: those with the
-- sequences seq … seq+count-1 are the leaves leaf … leaf+count-1 of the log.
-- A salt of zeros was shredded; the leaf stays, so that the tree can be built
-- anew and what is around it still be proved.
create table audit_batch (
	jurisdiction text   not null,
	seq          bigint not null check (seq > 0),
	leaf         bigint not null check (leaf >= 0),
	count        bigint not null check (count > 0),
	salts        bytea  not null, -- 16 bytes each
	leaves       bytea  not null, -- 32 bytes each
	primary key (jurisdiction, seq)
);
create index audit_batch_leaf on audit_batch (leaf);

-- The checkpoint that was published last, and when. It never goes back.
create table audit_sealed (
	jurisdiction text      not null primary key, -- of the office whose log it is
	size         bigint    not null check (size >= 0),
	checkpoint   text      not null,
	at           timestamp not null
);

-- Searches that people have kept, each their own.
create table audit_search (
	jurisdiction text      not null,
	id           text      not null,
	person       text      not null,
	name         text      not null check (name <> ''),
	query        text      not null,
	at           timestamp not null,
	primary key (jurisdiction, id)
);
create index audit_search_person on audit_search (jurisdiction, person);
