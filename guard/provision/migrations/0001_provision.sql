-- People whose accounts another house's directory keeps. The account itself is
-- guard/identity's; a row here says that a program may change it.
create table provision_person (
  jurisdiction text not null,
  account      text not null,
  external_id  text not null, -- the program's own name for the person
  user_name    text not null check (user_name = lower(user_name)),
  formatted    text not null,
  given        text not null,
  family       text not null,
  display      text not null,
  mail         text not null,
  active       boolean not null,
  disabled     boolean not null, -- by the program; what people disabled it cannot enable
  version      bigint not null,
  made_at      timestamp not null,
  changed_at   timestamp not null,
  removed_at   timestamp,        -- from here on hidden from programs
  primary key (jurisdiction, account)
);
create index provision_person_user_name on provision_person (jurisdiction, user_name);
create index provision_person_external_id on provision_person (jurisdiction, external_id);

create table provision_group (
  jurisdiction text not null,
  id           text not null,
  external_id  text not null,
  display      text not null,
  folded       text not null, -- display in small letters: two groups differ in more than that
  version      bigint not null,
  made_at      timestamp not null,
  changed_at   timestamp not null,
  primary key (jurisdiction, id),
  unique (jurisdiction, folded)
);

create table provision_member (
  jurisdiction text not null,
  group_id     text not null,
  account      text not null,
  primary key (jurisdiction, group_id, account)
);
create index provision_member_account on provision_member (jurisdiction, account);

-- The roles that people said a group gives.
create table provision_mapping (
  jurisdiction text not null,
  group_id     text not null,
  role         text not null,
  set_by       text not null,
  set_at       timestamp not null,
  primary key (jurisdiction, group_id, role)
);

-- The roles that were given because of a group, and no others: only these are
-- taken away again.
create table provision_given (
  jurisdiction text not null,
  account      text not null,
  role         text not null,
  given_at     timestamp not null,
  primary key (jurisdiction, account, role)
);
