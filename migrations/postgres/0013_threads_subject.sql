-- A conversation is found by its posts' words now; nothing reads this, and every new conversation wrote it.
drop index threads_subject;
