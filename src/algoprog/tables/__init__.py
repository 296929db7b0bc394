"""What a result table is: CSV, DuckDB and documentation."""
