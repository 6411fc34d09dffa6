-- A letter to somebody. Address and fields are sealed; the ZIP code of the
-- mailing address is in the clear, for the mail sorts by it.
create table letters_letter (
	jurisdiction text      not null,
	id           text      not null, -- the number that stands on the letter, without hyphens
	kind         text      not null,
	language     text      not null, -- BCP 47
	about        text      not null, -- id of whom it is about
	cause        text      not null, -- what led to it; one letter of a kind for each
	state        text      not null check (state in ('written', 'batched', 'issued', 'returned', 'answered', 'withdrawn')),
	problem      text      not null, -- characters that cannot be printed, or another reason why it cannot; empty: none
	zip          text      not null,
	written_at   timestamp not null,
	written_by   text      not null,
	content      bytea     not null,
	batch        text      not null, -- which it is in, or was issued in; empty: none
	issued_at    timestamp,
	returned_at  timestamp,
	returned_why text      not null default '' check (returned_why in ('', 'undeliverable', 'moved', 'forwarded')),
	answered_at  timestamp,
	marked_at    timestamp, -- when its return or answer was taken down
	marked_by    text      not null default '',
	forward      bytea,     -- new address that the mail told, sealed
	primary key (jurisdiction, id),
	unique (jurisdiction, cause, kind),
	check ((batch <> '') = (state not in ('written', 'withdrawn')))
);
create index letters_letter_waits on letters_letter (jurisdiction, zip, id) where state = 'written';
create index letters_letter_batch on letters_letter (jurisdiction, batch) where batch <> '';
create index letters_letter_about on letters_letter (jurisdiction, about);
create index letters_letter_marked on letters_letter (jurisdiction, marked_at) where marked_at is not null;

-- A print batch.
create table letters_batch (
	jurisdiction text      not null,
	id           text      not null,
	state        text      not null check (state in ('making', 'made', 'confirmed', 'cancelled')),
	kinds        text      not null, -- with commas between them
	letters      bigint    not null,
	pages        bigint    not null,
	sha256       text      not null, -- of the file; empty while it is made
	job          text      not null, -- that makes it; empty: made at once
	made_at      timestamp not null,
	made_by      text      not null,
	sender       text      not null, -- the office as it stands on the letters, and their day, as JSON
	confirmed_at timestamp,
	confirmed_by text      not null default '',
	issued       bigint    not null default 0,
	spoiled      bigint    not null default 0,
	primary key (jurisdiction, id)
);

-- The manifest of a batch. It stays as it was, also where a letter was spoiled
-- and is printed in a later batch.
create table letters_line (
	jurisdiction text    not null,
	batch        text    not null,
	sequence     bigint  not null check (sequence > 0),
	letter       text    not null,
	kind         text    not null,
	language     text    not null,
	zip          text    not null,
	pages        bigint  not null,
	template     text    not null, -- SHA-256 of its text
	spoiled      boolean not null,
	primary key (jurisdiction, batch, sequence),
	unique (jurisdiction, batch, letter)
);

-- The texts of templates with which batches were printed.
create table letters_text (
	jurisdiction text not null,
	sha256       text not null,
	body         text not null,
	primary key (jurisdiction, sha256)
);

-- The office's own versions of templates. The newest counts; an empty one stands
-- for the template that comes with the program.
create table letters_template (
	jurisdiction text      not null,
	kind         text      not null,
	language     text      not null,
	version      bigint    not null check (version > 0),
	body         text      not null,
	kept_at      timestamp not null,
	kept_by      text      not null,
	primary key (jurisdiction, kind, language, version)
);
