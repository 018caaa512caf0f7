"""The files that `monitor export` writes: JSON lines, CSV, Parquet. The only room with pyarrow; it knows no store."""
