-- When the octets of a message or a mail went, and what is still there in the order in which it goes.
alter table spool add column raw_gone_at bigint;
create index spool_raw on spool (state, settled_at) where state = 'done' and raw_gone_at is null;
alter table editions add column gone_at bigint;
create index editions_kept on editions (created_at) where gone_at is null;
create index posts_kept on posts (created_at) where gone_at is null and state <> 'held';
-- Where the record begins now: the last line that was removed because its time was over, how many went, and its hash.
alter table audit_head add column floor_id bigint not null default 0;
alter table audit_head add column floor_count bigint not null default 0;
alter table audit_head add column floor_hash text not null default '';
drop trigger audit_no_delete;
create trigger audit_no_delete before delete on audit when old.id > coalesce((select floor_id from audit_head where id = 1), 0) begin select raise(abort, 'the audit record is append-only'); end;
