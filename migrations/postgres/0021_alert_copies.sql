-- An alert about words in a private talk knows its talk, and each mail that tells of it beside those of its steps: an answer
-- ends the alert that it answers, and no other.
alter table alerts add column talk_id bigint references talks (id);
create table alert_copies (
  alert_id bigint not null references alerts (id),
  edition_id bigint not null references editions (id),
  primary key (alert_id, edition_id)
);
