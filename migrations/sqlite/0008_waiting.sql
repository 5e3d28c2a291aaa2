-- Only what waits is asked for by its time, and what failed by an administrator: a copy that was claimed or sent stands in
-- neither index. The state stands first, although it is always the same, because a planner without statistics takes an
-- index by equality first.
drop index outbox_due;
create index outbox_due on outbox (state, lane, due_at) where state = 'waiting';
drop index outbox_lease;
create index outbox_lease on outbox (state, lease_until) where state = 'sending';
create index outbox_failed on outbox (state, settled_at) where state = 'failed';
