-- What the parties of a case are asked to do next, in words: a paper that is missing, lots that a smaller repayment would free.
alter table cases add column advice text check (length(advice) <= 1000);
-- The token of a time-stamp authority (时间戳, RFC 3161) over the same head; without one it is an anchor in a chain.
alter table anchor add column token text check (length(token) <= 21848);
