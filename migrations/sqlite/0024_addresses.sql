-- Further addresses that a member writes from. Mail goes to members.address alone.
create table member_addresses (
  member_id bigint not null references members (id),
  group_id bigint not null references groups (id),
  address text not null,
  address_key text not null,
  added_at bigint not null,
  unique (group_id, address_key)
);
create index member_addresses_key on member_addresses (address_key);
create index member_addresses_member on member_addresses (member_id);
-- One that a member asked for by mail, or to have taken away. The other address is asked when her first one has said yes: there
-- is a token for it then. The row goes when all is done, refused or too old.
create table address_changes (
  id integer primary key,
  member_id bigint not null references members (id),
  group_id bigint not null references groups (id),
  way text not null check (way in ('add', 'remove')),
  address text not null,
  address_key text not null,
  token_id bigint not null references tokens (id),
  other_token_id bigint references tokens (id),
  created_at bigint not null,
  expires_at bigint not null
);
create unique index address_changes_token on address_changes (token_id);
create unique index address_changes_other on address_changes (other_token_id);
create index address_changes_member on address_changes (member_id);
create index address_changes_expires on address_changes (expires_at);
-- Tokens that ask about an address, as in 0015: both checks of the table end with the same two words.
pragma writable_schema = on;
update sqlite_master set sql = replace(sql, '''alert'', ''list'')', '''alert'', ''list'', ''address'')')
  where type = 'table' and name = 'tokens';
pragma writable_schema = reset;
