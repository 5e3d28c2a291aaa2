-- Mail is written once and read once or twice: compressing it was a seventh of what the database computed for a post.
alter table raw_messages alter column message set storage external;
alter table raw_messages set (toast_tuple_target = 8160);
alter table editions alter column message set storage external;
alter table editions set (toast_tuple_target = 8160);
