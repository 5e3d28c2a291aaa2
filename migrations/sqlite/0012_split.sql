-- A mail that answers several conversations of a digest makes several posts. The first names the mail in spool_id, which
-- stands once in a group; the others name it here.
alter table posts add column split_from bigint references spool (id);
create index posts_split_from on posts (split_from) where split_from is not null;
