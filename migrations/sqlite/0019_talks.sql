-- A private talk between one member and the moderators of her group. Its address is made of its row, as a conversation's is.
-- What each side has of it by mail is named in these lists, so that each side's mail program keeps it together.
create table talks (
  id integer primary key,
  group_id bigint not null references groups (id),
  member_id bigint not null references members (id),
  subject text not null,
  base_subject text not null,
  member_has text not null,
  moderators_have text not null,
  created_at bigint not null,
  last_at bigint not null
);
create index talks_member on talks (member_id, last_at);
-- Each row of the record holds the hash of the one before and its own. Rows of earlier versions get theirs at the first start,
-- once, when the head is written; after that nothing may be changed.
alter table audit add column previous text;
alter table audit add column hash text;
create table audit_head (
  id integer primary key check (id = 1),
  last_id bigint not null,
  row_count bigint not null,
  hash text not null
);
drop trigger audit_no_update;
create trigger audit_no_update before update on audit when old.hash is not null or new.hash is null or new.id <> old.id or new.at <> old.at or new.actor <> old.actor or new.action <> old.action or new.subject <> old.subject or new.detail <> old.detail begin select raise(abort, 'the audit record is append-only'); end;
-- "insert or replace" deletes without a trigger: audit_no_replace.
create trigger audit_no_replace before insert on audit when exists (select 1 from audit where id = new.id) begin select raise(abort, 'the audit record is append-only'); end;
