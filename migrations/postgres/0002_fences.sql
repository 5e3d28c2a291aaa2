-- A fence counts the claims of a row and never goes back: whoever settles with an older one lost the row to another server.
alter table spool add column fence bigint not null default 0;
alter table outbox add column fence bigint not null default 0;
-- When the last attempt was booked; the first stands in first_attempt_at.
alter table outbox add column attempted_at bigint;
create index outbox_lease on outbox (lease_until) where state = 'sending';
