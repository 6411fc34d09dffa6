-- Who did what raised an alarm, as " id id ": none of them closes it.
alter table audit_alarm add column actors text not null default '';
