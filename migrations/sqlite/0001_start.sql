-- Times are UTC microseconds; a flag is a nullable time or a state. The same tables stand in ../postgres.

create table instance (
  id bigint primary key check (id = 1),
  key_fingerprint text not null,
  created_at bigint not null
);

create table groups (
  id integer primary key,
  name text not null unique,
  title text not null,
  language text not null,
  timezone text not null,
  schedule text not null,
  moderation text not null check (moderation in ('first', 'all', 'none')),
  hold_everything_at bigint,
  subjects text not null check (subjects in ('own', 'neutral')),
  emergency_number text,
  lifeline text,
  state text not null check (state in ('open', 'closed')),
  release_seq bigint not null default 0,
  strangers_told_at bigint not null,
  created_at bigint not null
);

-- The roster of a group: members under a pseudonym, moderators under their name.
create table members (
  id integer primary key,
  group_id bigint not null references groups (id),
  role text not null check (role in ('member', 'moderator')),
  address text not null,
  address_key text not null,
  name text not null,
  name_key text not null,
  real_name text,
  delivery text not null check (delivery in ('each', 'daily', 'weekly', 'none')),
  timezone text,
  hour text,
  state text not null check (
    (role = 'member' and state in ('invited', 'active', 'paused', 'left'))
    or (role = 'moderator' and state in ('active', 'suspended', 'removed'))),
  trusted_at bigint,
  known_at bigint,
  joined_at bigint not null,
  ended_at bigint,
  cursor bigint not null,
  next_digest_at bigint,
  unique (group_id, address_key)
);
create unique index members_name on members (group_id, name_key) where state not in ('left', 'removed');
create index members_digest on members (next_digest_at) where next_digest_at is not null;
create index members_address on members (address_key);

-- Every message that was answered 2xx, byte for byte (promise I1). The fingerprint is of bytes and envelope.
create table spool (
  id integer primary key,
  fingerprint text not null unique,
  reverse_path text not null,
  recipients text not null,
  peer text not null,
  message blob not null,
  size bigint not null,
  state text not null check (state in ('new', 'done', 'quarantined')),
  attempts bigint not null default 0,
  lease_until bigint not null default 0,
  cause text,
  message_id text,
  received_at bigint not null,
  settled_at bigint
);
create index spool_state on spool (state, id);
create index spool_message_id on spool (message_id);

create table threads (
  id integer primary key,
  group_id bigint not null references groups (id),
  subject text not null,
  base_subject text not null,
  created_at bigint not null,
  last_at bigint not null
);
create index threads_subject on threads (group_id, base_subject, last_at);

create table posts (
  id integer primary key,
  group_id bigint not null references groups (id),
  thread_id bigint not null references threads (id),
  parent_id bigint references posts (id),
  member_id bigint not null references members (id),
  author_name text not null,
  author_role text not null check (author_role in ('member', 'moderator')),
  spool_id bigint references spool (id),
  subject text not null,
  body text not null,
  attachments text not null,
  reasons text not null,
  state text not null check (state in ('held', 'published', 'returned', 'withdrawn', 'retracted')),
  claimed_by bigint references members (id),
  created_at bigint not null,
  read_by bigint not null,
  remind_at bigint,
  published_at bigint,
  release_seq bigint,
  unique (spool_id, group_id),
  unique (group_id, release_seq),
  check (state <> 'published' or (published_at is not null and release_seq is not null))
);
create index posts_thread on posts (thread_id);
create index posts_state on posts (state, group_id);
create index posts_author on posts (member_id, state);

-- Which Message-ID names which post: the author's own, and ours. Inside one group only.
create table message_ids (
  group_id bigint not null references groups (id),
  message_id text not null,
  post_id bigint not null references posts (id),
  primary key (group_id, message_id)
);

-- What was judged of each recipient of a spooled message, with the trail of the rules.
create table judgements (
  id integer primary key,
  spool_id bigint not null references spool (id),
  recipient text not null,
  group_id bigint references groups (id),
  disposition text not null,
  trail text not null,
  post_id bigint references posts (id),
  told_at bigint,
  judged_at bigint not null
);
create index judgements_spool on judgements (spool_id);
create index judgements_untold on judgements (group_id, judged_at) where disposition = 'stranger' and told_at is null;

create table tokens (
  id integer primary key,
  kind text not null check (kind in ('m', 'c')),
  purpose text not null check (purpose in ('decide', 'echo', 'withdraw', 'leave')),
  member_id bigint not null references members (id),
  post_id bigint references posts (id),
  content_hash text,
  generation bigint not null,
  asked text,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  check (purpose = 'leave' or post_id is not null)
);
create index tokens_post on tokens (post_id);

-- A person's decision on a post. At most one approval or return of a post stands (promises I2, I5).
create table decisions (
  id integer primary key,
  post_id bigint not null references posts (id),
  member_id bigint references members (id),
  verb text not null check (verb in ('approve', 'return', 'mine', 'undo', 'retract', 'withdraw')),
  note text,
  token_id bigint references tokens (id),
  decided_at bigint not null,
  release_at bigint,
  carried_out_at bigint,
  undone_at bigint
);
create unique index decisions_standing on decisions (post_id) where verb in ('approve', 'return') and undone_at is null;
create index decisions_due on decisions (release_at) where carried_out_at is null and undone_at is null;

-- One per post, with the decision or the named policy behind it (promise I2).
create table releases (
  id integer primary key,
  post_id bigint not null unique references posts (id),
  group_id bigint not null references groups (id),
  seq bigint not null,
  decision_id bigint references decisions (id),
  policy text,
  released_at bigint not null,
  unique (group_id, seq),
  check ((decision_id is null) <> (policy is null))
);

-- Content written once. A post's edition can't exist without its release.
create table editions (
  id integer primary key,
  kind text not null check (kind in ('post', 'digest', 'notice')),
  folder text not null,
  group_id bigint references groups (id),
  release_id bigint references releases (id),
  edition_key text unique,
  message_id text not null,
  message blob not null,
  created_at bigint not null,
  check ((kind = 'post') = (release_id is not null))
);
create index editions_message_id on editions (message_id);

create table edition_posts (
  edition_id bigint not null references editions (id),
  post_id bigint not null references posts (id),
  primary key (edition_id, post_id)
);
create index edition_posts_post on edition_posts (post_id);

-- One digest of a member and civil day (promise I4); `ordinal` counts those of `digest send --again`.
create table issues (
  id integer primary key,
  group_id bigint not null references groups (id),
  member_id bigint not null references members (id),
  civil_day text not null,
  ordinal bigint not null,
  edition_id bigint references editions (id),
  from_seq bigint not null,
  to_seq bigint not null,
  made_at bigint not null,
  unique (member_id, civil_day, ordinal)
);

-- One recipient of an edition (promise I3). `lane` 0 goes first.
create table outbox (
  id integer primary key,
  edition_id bigint not null references editions (id),
  member_id bigint references members (id),
  recipient text not null,
  return_path text not null check (return_path in ('null', 'verp')),
  reply_token bigint references tokens (id),
  lane bigint not null,
  state text not null check (state in ('waiting', 'sending', 'sent', 'failed', 'dropped')),
  attempts bigint not null default 0,
  first_attempt_at bigint,
  due_at bigint not null,
  lease_until bigint,
  cause text,
  created_at bigint not null,
  settled_at bigint,
  bounced_at bigint,
  unique (edition_id, recipient)
);
create index outbox_due on outbox (state, lane, due_at);
create index outbox_member on outbox (member_id);

-- Automatic answers that were given, so that each is given rarely enough. `about` is a keyed hash of the address.
create table answers (
  id integer primary key,
  kind text not null,
  about text not null,
  answered_at bigint not null
);
create index answers_about on answers (about, kind, answered_at);

create table audit (
  id integer primary key,
  at bigint not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail text not null
);
create trigger audit_no_update before update on audit begin select raise(abort, 'the audit record is append-only'); end;
create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit record is append-only'); end;
