-- Alerts that ended and still have words, for what is kept so long.
create index alerts_kept on alerts (ended_at) where shown <> '[]';
