-- By how much the clock of each machine differs from the time since its start (microseconds), which nobody sets, and the latest
-- time at which it was believed.
create table clocks (
  machine text primary key,
  ahead bigint not null,
  seen_at bigint not null
);

-- Since when the clock is not believed, by how many seconds it jumped (null: it shows an earlier time than was seen), and when
-- the administrators were told.
alter table instance add column doubted_at bigint;
alter table instance add column doubted_far bigint;
alter table instance add column doubt_told_at bigint;
