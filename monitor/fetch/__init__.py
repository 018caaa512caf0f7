"""Asking publishers for documents, politely and within limits; the only room with aiohttp.

Not here yet: hints of the server about when to come back, learning from overlap, brotli and zstd, robots.txt, learning
of permanent redirects, pausing a whole domain on 429, headers and credentials of single sources.
"""
