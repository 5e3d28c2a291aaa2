-- What a moderator's edit replaced; null where nobody edited.
alter table posts add column original_body text;
-- Earlier flags of a member are shown with each notice.
create index posts_flagged on posts (member_id, id) where reasons like '%flagged%';

-- The words of an EDIT that was asked back about, until that answer's token is answered.
create table drafts (
  token_id bigint not null primary key references tokens (id),
  words text not null
);

-- What moderators keep in mind of a member. Never shown to members.
create table notes (
  id integer primary key,
  group_id bigint not null references groups (id),
  member_id bigint not null references members (id),
  post_id bigint references posts (id),
  by_id bigint references members (id),
  words text not null,
  created_at bigint not null
);
create index notes_member on notes (member_id, id);
create trigger notes_no_update before update on notes begin select raise(abort, 'notes are append-only'); end;
create trigger notes_no_delete before delete on notes begin select raise(abort, 'notes are append-only'); end;
