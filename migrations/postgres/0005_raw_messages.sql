-- The bytes of a message stand apart from what is known of it: SQLite writes a row anew, bytes and all, whenever anything of
-- it changes.
create table raw_messages (
  spool_id bigint primary key references spool (id),
  message bytea not null
);
insert into raw_messages (spool_id, message) select id, message from spool;
alter table spool drop column message;
