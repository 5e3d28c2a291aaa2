-- The way out while it is closed, as the server that asked last found it; no row while mail flows.
create table way_out (
  id bigint primary key check (id = 1),
  closed_at bigint not null,
  asked_at bigint not null,
  cause text not null
);
-- When the smarthost first refused this recipient for a reason that may be our standing with it.
alter table outbox add column doubted_at bigint;
create index outbox_doubted on outbox (state, doubted_at) where doubted_at is not null;
-- When the administrators were told that a moderator did not get this notice. Of those that failed before, nobody is told now.
alter table outbox add column told_at bigint;
update outbox set told_at = settled_at where state = 'failed';
create index outbox_untold on outbox (lane, id)
  where told_at is null and return_path = 'verp' and (state = 'failed' or doubted_at is not null);
