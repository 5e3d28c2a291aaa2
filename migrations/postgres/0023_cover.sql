-- What the group gets of a post stands in subject and body. Where that is not what its author wrote, hers stands beside:
-- original_body, original_subject; and what stood below her words, which no copy has.
alter table posts add column original_subject text;
alter table posts add column signature text;
-- When a moderator put other words in the author's place; before, an original said so alone.
alter table posts add column edited_at bigint;
update posts set edited_at = created_at where original_body is not null;

-- Real names that a member's own mail program gave. They are looked for like the registered one.
create table learnt_names (
  member_id bigint not null references members (id),
  name_key text not null,
  group_id bigint not null references groups (id),
  name text not null,
  learnt_at bigint not null,
  primary key (member_id, name_key)
);
create index learnt_names_group on learnt_names (group_id);
