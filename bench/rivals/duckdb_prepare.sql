-- The records as DuckDB would keep them, made once and not timed: small numbers for all ids, zstd, several files.
copy (
    from read_csv('$LINES/*.csv', header = false, columns = {
        'merchant': 'USMALLINT', 'collector': 'USMALLINT', 'package': 'UINTEGER', 'row': 'USMALLINT',
        'operator': 'UTINYINT', 'card': 'UINTEGER', 'chain': 'UTINYINT', 'tti': 'UTINYINT',
        'offline': 'USMALLINT', 'online': 'USMALLINT', 'terminal': 'USMALLINT', 'number': 'UINTEGER',
        'amount': 'UINTEGER', 'list_price': 'UINTEGER', 'before': 'UINTEGER', 'after': 'UINTEGER',
        'day': 'UINTEGER', 'time': 'UINTEGER', 'tac': 'INTEGER', 'tac_right': 'BOOLEAN'
    })
) to '$RECORDS' (format parquet, compression zstd, per_thread_output true, overwrite true);
