-- More verbs and more that a token may be for. A check can't be altered here: https://sqlite.org/lang_altertable.html (7)
-- has this way for changes that touch no row.
pragma writable_schema = on;
update sqlite_master set sql = replace(replace(sql,
    '''decide'', ''echo'', ''withdraw'', ''leave''', '''decide'', ''echo'', ''withdraw'', ''leave'', ''alert'', ''list'''),
    'check (purpose = ''leave'' or post_id is not null)',
    'check (purpose in (''leave'', ''alert'', ''list'') or post_id is not null)')
  where type = 'table' and name = 'tokens';
update sqlite_master set sql = replace(sql, '''retract'', ''withdraw''',
    '''retract'', ''withdraw'', ''edit'', ''trust'', ''escalate'', ''private'', ''note'', ''read''')
  where type = 'table' and name = 'decisions';
pragma writable_schema = reset;
-- EDIT and TRUST release a post as APPROVE does.
drop index decisions_standing;
create unique index decisions_standing on decisions (post_id)
  where verb in ('approve', 'return', 'edit', 'trust') and undone_at is null;
