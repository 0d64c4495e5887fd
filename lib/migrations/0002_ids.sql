-- Ids that are made in SQL sort like those that the processes make: rows of one statement keep their order.

-- UUIDv7 (RFC 9562): milliseconds, twelve bits of their fraction, then random bits.
create or replace function uuid_v7() returns uuid language sql volatile parallel safe as $$
	select regexp_replace(encode(overlay(uuid_send(gen_random_uuid())
		placing int8send((extract(epoch from clock_timestamp()) * 1000000)::bigint * 4096 / 1000 << 4)
		from 1 for 8), 'hex'), '^(.{12})(.{3}).', '\17\2')::uuid
$$;
