-- Which messages of an alert the mail with this token shows, counted from 0: MINE takes these. Of an older mail only the first
-- is certain.
alter table alert_tokens add column shown_from bigint not null default 0;
alter table alert_tokens add column shown_to bigint not null default 1;
