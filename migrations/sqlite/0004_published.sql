-- How many posts of a person the group got, so that nobody counts them for every new one.
alter table members add column published bigint not null default 0;
update members set published =
  (select count(*) from posts p where p.member_id = members.id and p.state in ('published', 'retracted'));
