-- A message that could not be read rests until then before it is begun again.
alter table spool add column retry_at bigint not null default 0;
-- What a sender's retry is known by when it names fewer recipients: a hash of bytes and return path.
alter table spool add column content text;
create index spool_content on spool (content);
-- What people are told at once, or together with others where too much comes of it; to the administrators without a group.
-- `shown` is what waits to be told, and empty afterwards.
create table alarms (
  id integer primary key,
  kind text not null check (kind in ('member', 'stranger', 'set-aside', 'postmaster')),
  group_id bigint references groups (id),
  spool_id bigint not null references spool (id),
  shown text,
  came_at bigint not null
);
create index alarms_came on alarms (kind, came_at);
create index alarms_spool on alarms (spool_id);
create index alarms_untold on alarms (came_at) where shown is not null;
