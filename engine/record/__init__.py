"""The run file: one SQLite file that holds a run so that it replays, resumes, branches and exports.

`header` what a run file says of itself; `writer` and `reader` its two doors; `packing`, `ticks`, `columns` how a tick,
a frame and a snapshot become bytes; `index` who is mentioned when; `schema`, `lock`, `opening` the file; `export` out.
"""
