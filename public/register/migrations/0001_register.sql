-- SPDX-License-Identifier: Apache-2.0

-- What somebody has answered so far. Nothing in it is readable without its
-- day's key, which is destroyed when the day's drafts have expired.
create table register_draft (
	jurisdiction text not null,
	id           text not null,
	token        bytea not null,      -- SHA-256 of the cookie
	code         bytea,               -- SHA-256 of a one-time code for another device
	code_until   timestamp,
	subject      text not null,       -- whose key seals it: drafts:2026-11-23
	version      bigint not null,     -- counts the saves
	state        text not null check (state in ('open', 'sent')),
	begun_at     timestamp not null,
	expires_at   timestamp not null,
	body         bytea,               -- sealed: the answers; once sent, the receipt
	picture      bytea,               -- sealed: the signature
	primary key (jurisdiction, id)
);

create unique index register_draft_token on register_draft (jurisdiction, token);
create unique index register_draft_code on register_draft (jurisdiction, code) where code is not null;
create index register_draft_expires on register_draft (jurisdiction, expires_at);
