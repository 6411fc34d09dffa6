-- The key of each write, committed with it, so that after a connection died
-- during a commit the writer can find out whether it went through. A void key
-- was put there by the writer that looked and found none: that write is never
-- going to be committed. Old keys are swept away. Not a tenant table: a write
-- may touch several.
create table db_commit (
	key  text    not null primary key,
	at   text    not null,
	void boolean not null default false
);
create index db_commit_at on db_commit (at);
