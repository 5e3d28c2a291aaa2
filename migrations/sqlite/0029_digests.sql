-- What a reader chose: her own days of the week (`1,3,5`; Sunday is 0), until when nothing comes, in which form a digest comes, and
-- content notes whose posts stand at its end.
alter table members add column days text;
alter table members add column paused_until bigint;
alter table members add column format text not null default 'html' check (format in ('html', 'text', 'mime', 'rfc1153'));
alter table members add column folds text not null default '[]';
create index members_paused on members (paused_until) where paused_until is not null;

-- Conversations that somebody wants to hear no more of.
create table mutes (
  member_id bigint not null references members (id),
  thread_id bigint not null references threads (id),
  muted_at bigint not null,
  primary key (member_id, thread_id)
);
create index mutes_thread on mutes (thread_id);

-- A moderator's words that stand on top of the next digest.
alter table posts add column on_top_at bigint;

-- Volume and number of a group's digest of a civil day.
create table digest_numbers (
  group_id bigint not null references groups (id),
  civil_day text not null,
  volume bigint not null,
  number bigint not null,
  primary key (group_id, civil_day),
  unique (group_id, volume, number)
);

-- What a digest was written of besides its posts, so that it can be written again without one of them.
alter table editions add column recipe text;

-- An issue of several mails: the second and further ones. The first is the issue's edition.
create table issue_parts (
  issue_id bigint not null references issues (id),
  part bigint not null check (part > 1),
  edition_id bigint not null references editions (id),
  primary key (issue_id, part)
);
create index issue_parts_edition on issue_parts (edition_id);

-- Posts that a digest names and does not hold: its list of conversations that wait for a first answer has them by subject, name
-- and day.
create table edition_named (
  edition_id bigint not null references editions (id),
  post_id bigint not null references posts (id),
  primary key (edition_id, post_id)
);
create index edition_named_post on edition_named (post_id);
