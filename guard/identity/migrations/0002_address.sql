-- Where an account has signed in from. Such an address counts its wrong
-- passwords here, apart from the account's own count, which is everybody
-- else's: so nobody can keep a person out of their account from elsewhere.
create table identity_address (
  jurisdiction text not null,
  account      text not null,
  address      text not null check (address <> ''), -- an IPv4 address or an IPv6 /64
  failures     bigint not null default 0, -- wrong passwords from here since the last sign-in from here
  locked_until timestamp,
  signed_in_at timestamp not null,
  primary key (jurisdiction, account, address)
);
