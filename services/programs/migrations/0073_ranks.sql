-- How well words fit, as a number that a cursor can hold; of a query that was made once.
create function fitness(words tsvector, asked tsquery) returns int language sql immutable as $$
	select (ts_rank_cd(words, asked, 32) * 1000000)::int
$$;
