-- get_data_map(Nothing) many DataMap
select service, data, purpose, kept, protection from data_use order by place;
