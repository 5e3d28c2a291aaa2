-- What the clock asks for twice a second must not cost more the more is kept.
create index posts_remind on posts (remind_at) where state = 'held';
-- The first and the last post of a conversation that the group has, however long it is.
create index posts_talk on posts (thread_id, state, release_seq);
drop index posts_thread;
