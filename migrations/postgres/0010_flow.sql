-- A notice that came back counts like one that was refused. Of those that came back before, nobody is told now.
update outbox set told_at = bounced_at where bounced_at is not null and told_at is null;
drop index outbox_untold;
create index outbox_untold on outbox (lane, id)
  where told_at is null and return_path = 'verp' and (state = 'failed' or doubted_at is not null or bounced_at is not null);
create index outbox_bounced on outbox (state, bounced_at) where bounced_at is not null;
