-- A notice that came back counts like one that was refused. Of those that came back before, nobody is told now.
update outbox set told_at = bounced_at where bounced_at is not null and told_at is null;
drop index outbox_untold;
create index outbox_untold on outbox (lane, id)
  where told_at is null and return_path = 'verp' and (state = 'failed' or doubted_at is not null or bounced_at is not null);
create index outbox_bounced on outbox (state, bounced_at) where bounced_at is not null;
-- A conversation that one copy of a mail began, and that belongs to another one, as a second copy's address said.
alter table threads add column continued_in bigint references threads (id);
create index threads_continued on threads (continued_in) where continued_in is not null;
