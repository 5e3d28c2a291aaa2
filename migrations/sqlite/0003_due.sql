-- What the clock and the worker ask for all the time must not cost more the more is kept. The state stands first, although
-- it is always the same, because a planner without statistics takes an index by equality before one by range.
create index posts_remind on posts (state, remind_at) where state = 'held';
-- The first and the last post of a conversation that the group has, however long it is.
create index posts_talk on posts (thread_id, state, release_seq);
drop index posts_thread;
create index decisions_post on decisions (post_id);
