"""Asking publishers for documents, politely and within limits; the only room with aiohttp.

Not here yet: robots.txt, headers and credentials of single sources.
"""
