-- The same in PostgreSQL, after COPY into `records`; dispositions as in duckdb.sql.
-- One sort serves the window and the order of the rows; what was accepted before is the greatest accepted counter so far.
analyze records;
create unlogged table copies as
select collector, package, "row" from (
    select collector, package, "row",
           row_number() over (partition by card, chain, terminal, number, amount, day, "time", tac
                              order by case when chain = 0 then offline else online end, collector, package, "row") as place
    from records
    join (
        select card, chain, terminal, number, amount, day, "time", tac from records where tac_right = 1
        group by 1, 2, 3, 4, 5, 6, 7, 8 having count(*) > 1
    ) suspects using (card, chain, terminal, number, amount, day, "time", tac)
    where tac_right = 1
) ranked where place > 1;
analyze copies;
create unlogged table detail as
select *, coalesce(disposition = 0 and counter > 1 + max(case when disposition = 0 then counter end) over (
              partition by card, chain order by counter, day, "time", terminal, number, collector, package, "row"
              rows between unbounded preceding and 1 preceding), false) as counter_gap
from (
    select records.*, case when chain = 0 then offline else online end as counter,
           case when tac_right = 0 then 2 when copies.collector is not null then 1 else 0 end as disposition,
           case when tac_right = 1 and copies.collector is null and chain = 0 then
               (greatest(least(amount::bigint * rate_ppm + fixed_micro, max_micro), min_micro) + rounds_by) / 1000000
           end as fee
    from records
    join contracts using (merchant, operator)
    left join copies using (collector, package, "row")
) judged
order by card, chain, counter, day, "time", terminal, number, collector, package, "row";
create unlogged table totals as
select merchant, operator, disposition, count(*) as records, sum(amount)::bigint as amount,
       coalesce(sum(fee), 0)::bigint as fee, count(*) filter (where counter_gap) as gaps
from detail group by merchant, operator, disposition;
