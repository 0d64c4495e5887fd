-- read_uploaded(RunPart) many SnapshotRows
select u.upload_id as run_id, u.part, u.bytes from upload_part u where u.upload_id = :run_id and u.part >= :part order by u.part limit 8;
