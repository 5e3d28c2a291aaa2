-- When a person was forgotten: her row keeps its number and nothing else, and no mail goes to it any more.
alter table members add column forgotten_at bigint;
-- When the words of a post went: its author was forgotten, or the time was over. It keeps its place in its conversation.
alter table posts add column gone_at bigint;
-- The words of a mail of ours go: at once, as far as nothing of it is just being sent, or when the last copy has left.
alter table editions add column clearing text check (clearing in ('at-once', 'when-sent'));
create index editions_clearing on editions (clearing, id) where clearing is not null;
-- Addresses of people who were forgotten, as keyed hashes: nobody adds them or writes to them by mistake.
create table suppressions (
  group_id bigint not null references groups (id),
  address_hash text not null,
  member_id bigint not null references members (id),
  since_at bigint not null,
  primary key (group_id, address_hash)
);
create index suppressions_member on suppressions (member_id);
-- Notes may go with the person whom they are about, and only then.
drop trigger notes_no_delete on notes;
create function notes_no_delete_but_of_the_forgotten() returns trigger language plpgsql as
$$ begin if exists (select 1 from members where id = old.member_id and forgotten_at is not null) then return old; end if; raise exception 'notes are append-only'; end $$;
create trigger notes_no_delete before delete on notes for each row execute function notes_no_delete_but_of_the_forgotten();
