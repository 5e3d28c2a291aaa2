-- What may tell of danger waits apart from everything else. Nothing but what waits is looked for by this, so nothing else
-- stands in it, and what has been read leaves it.
alter table spool add column lane bigint not null default 1;
drop index spool_state;
create index spool_waiting on spool (state, lane, id) where state = 'new';
