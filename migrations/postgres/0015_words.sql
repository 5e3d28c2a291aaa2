-- More verbs and more that a token may be for.
alter table tokens drop constraint tokens_purpose_check;
alter table tokens add constraint tokens_purpose_check
  check (purpose in ('decide', 'echo', 'withdraw', 'leave', 'alert', 'list'));
alter table tokens drop constraint tokens_check;
alter table tokens add constraint tokens_check check (purpose in ('leave', 'alert', 'list') or post_id is not null);
alter table decisions drop constraint decisions_verb_check;
alter table decisions add constraint decisions_verb_check check (verb in ('approve', 'return', 'mine', 'undo', 'retract',
  'withdraw', 'edit', 'trust', 'escalate', 'private', 'note', 'read'));
-- EDIT and TRUST release a post as APPROVE does.
drop index decisions_standing;
create unique index decisions_standing on decisions (post_id)
  where verb in ('approve', 'return', 'edit', 'trust') and undone_at is null;
