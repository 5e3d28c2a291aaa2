-- Whether a group gets pictures.
alter table groups add column pictures bigint not null default 0;

-- Pictures as the group may get them, written anew when their post was read; each with the file of the mail it was made of.
create table pictures (
  post_id bigint not null references posts (id),
  number bigint not null,
  file bigint not null,
  octets blob not null,
  primary key (post_id, number)
);
