-- The relational part of a night, and nothing else: the verification is given (`tac_right`), and so are fee terms for each
-- merchant and operator. Dispositions are numbers: 0 accepted, 1 duplicate, 2 rejected.
--
-- Of the forms that were tried (README.md) this is the fastest that is right. It relies on DuckDB keeping the order of insertion,
-- which is its default.

-- stage: contracts
create temp table contracts (merchant USMALLINT, operator UTINYINT, rate_ppm BIGINT, fixed_micro BIGINT, min_micro BIGINT,
                             max_micro BIGINT, rounds_by BIGINT);
insert into contracts from read_csv('$TABLES/contracts.csv', header = false);

-- stage: duplicates
-- A copy has the same fingerprint; few share a hash, and only those are looked at closely.
create temp table suspects as
select hash(card, chain, terminal, number, amount, day, time, tac) as fingerprint
from read_parquet('$RECORDS/*.parquet') where tac_right
group by 1 having count(*) > 1;
create temp table copies as
select collector, package, row from (
    select collector, package, row,
           row_number() over (partition by card, chain, terminal, number, amount, day, time, tac
                              order by if(chain = 0, offline, online), collector, package, row) as place
    from read_parquet('$RECORDS/*.parquet')
    where tac_right and hash(card, chain, terminal, number, amount, day, time, tac) in (from suspects)
) where place > 1;

-- stage: fees and order
create temp table detail as
select records.* exclude (tac_right),
       if(chain = 0, offline, online) as counter,
       case when not tac_right then 2 when copies.row is not null then 1 else 0 end::UTINYINT as disposition,
       if(tac_right and copies.row is null and chain = 0,
          (greatest(least(amount::BIGINT * rate_ppm + fixed_micro, max_micro), min_micro) + rounds_by) // 1000000,
          null)::UINTEGER as fee
from read_parquet('$RECORDS/*.parquet') records
join contracts using (merchant, operator)
left join copies on records.collector = copies.collector and records.package = copies.package and records.row = copies.row
order by card, chain, counter, day, time, terminal, number, records.collector, records.package, records.row;

-- stage: previous counters
create temp table gaps as
select place from (
    select rowid as place,
           counter > 1 + lag(counter) over () and card = lag(card) over () and chain = lag(chain) over () as gap
    from detail where disposition = 0
) where gap;

-- stage: write
copy (
    select detail.*, gaps.place is not null as counter_gap from detail left join gaps on detail.rowid = gaps.place
) to '$OUT/detail.parquet' (format parquet, compression zstd, compression_level 1);

-- stage: totals
create temp table totals as
select merchant, operator, disposition, count(*) as records, sum(amount)::BIGINT as amount,
       coalesce(sum(fee), 0)::BIGINT as fee
from detail group by all;
