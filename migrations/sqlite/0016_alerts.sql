-- Who is on call for a group, in the order in which they are asked. A group without a row asks everybody at once.
create table rota (
  group_id bigint not null references groups (id),
  place bigint not null,
  member_id bigint not null references members (id),
  primary key (group_id, place),
  unique (group_id, member_id)
);

-- Until when a moderator is away: others on call are asked in her place.
create table away (
  member_id bigint primary key references members (id),
  until_at bigint not null
);

-- Somebody may be in danger. It climbs at `climb_at`, step by step, until a person answers; of a post, or of messages that
-- are none, whose first words stand in `shown`. Without a group it is the administrators'.
create table alerts (
  id integer primary key,
  group_id bigint references groups (id),
  post_id bigint references posts (id),
  member_id bigint references members (id),
  shown text not null,
  raised_at bigint not null,
  step bigint not null,
  climb_at bigint not null,
  ended_at bigint,
  ended_by bigint references members (id),
  ended_how text,
  check ((ended_at is null) = (ended_how is null))
);
create index alerts_climb on alerts (climb_at) where ended_at is null;
create index alerts_group on alerts (group_id);
create index alerts_post on alerts (post_id) where post_id is not null;

-- Whom each step told, and with which notice.
create table alert_steps (
  alert_id bigint not null references alerts (id),
  step bigint not null,
  rung text not null check (rung in ('moderators', 'administrators')),
  edition_id bigint references editions (id),
  told_at bigint not null,
  primary key (alert_id, step, rung)
);

-- The automatic text to an author, which waits for the alert to be on its way. `said` is empty while it waits.
create table alert_texts (
  alert_id bigint primary key references alerts (id),
  member_id bigint not null references members (id),
  answers text,
  subject text not null,
  read_by bigint not null,
  due_at bigint not null,
  said text check (said in ('alerted', 'plain')),
  said_at bigint
);
create index alert_texts_due on alert_texts (due_at) where said is null;

-- Tokens for alerts that are about no post.
create table alert_tokens (
  token_id bigint primary key references tokens (id),
  alert_id bigint not null references alerts (id)
);
