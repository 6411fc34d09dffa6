-- What people search the ledger by, besides the subject and the name.
create index ledger_entry_id on ledger_entry (id);
create index ledger_entry_at on ledger_entry (jurisdiction, at);
create index ledger_entry_actor on ledger_entry (jurisdiction, actor, seq);
create index ledger_entry_request on ledger_entry (jurisdiction, request);
