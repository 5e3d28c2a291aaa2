-- Only what waits is asked for by its time, what failed by an administrator, what was sent by when that was: a copy stands in
-- one of these at a time. The state stands first, although it is always the same, because a planner without statistics takes
-- an index by equality first.
drop index outbox_due;
create index outbox_due on outbox (state, lane, due_at) where state = 'waiting';
drop index outbox_lease;
create index outbox_lease on outbox (state, lease_until) where state = 'sending';
create index outbox_sent on outbox (state, settled_at) where state = 'sent';
create index outbox_failed on outbox (state, settled_at) where state = 'failed';
