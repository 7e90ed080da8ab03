-- Tables of the rival, unlogged: nothing of it has to survive a crash. Numbers as small as PostgreSQL has them.
create unlogged table contracts (merchant int, operator int, rate_ppm bigint, fixed_micro bigint, min_micro bigint,
                                 max_micro bigint, rounds_by bigint);
create unlogged table records (merchant int, collector int, package int, "row" int, operator int, card int, chain int,
                               tti int, offline int, online int, terminal int, number int, amount int,
                               list_price int, before int, after int, day int, "time" int, tac int, tac_right int);
