-- What was computed for the federal survey, the newest of each year.
create table extract_survey (
	jurisdiction text      not null,
	year         text      not null,
	asked        text      not null, -- JSON: the period, and what does not apply
	result       text      not null default '', -- JSON, once it is computed
	asked_at     timestamp not null,
	computed_at  timestamp,
	problem      text      not null default '',
	primary key (jurisdiction, year)
);
