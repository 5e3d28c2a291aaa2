-- When a group's moderators read.
alter table groups add column reading_hours text not null default 'always';
alter table groups add column holidays text not null default '';
-- When they were last sent a reading list.
alter table groups add column listed_at bigint not null default 0;
-- How often people were reminded of a held post.
alter table posts add column reminded bigint not null default 0;
create index posts_late on posts (state, reminded) where state = 'held' and reminded >= 2;
-- Posts that the group has and no moderator has read: a row goes when one does. What was published before stays out of it.
create table unread (
  post_id integer primary key references posts (id),
  group_id bigint not null references groups (id),
  read_by bigint not null,
  listed_at bigint,
  reminded bigint not null default 0,
  due_at bigint not null
);
create index unread_due on unread (due_at);
create index unread_group on unread (group_id);
create index unread_late on unread (reminded) where reminded >= 2;
-- Which post the number on a reading list means, for the token of each of its readers.
create table listed (
  token_id bigint not null references tokens (id),
  number bigint not null,
  post_id bigint not null references posts (id),
  primary key (token_id, number)
);
-- When the administrators were last told of what is late.
alter table instance add column late_told_at bigint not null default 0;
