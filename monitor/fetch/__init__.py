"""Asking publishers for documents, politely and within limits; the only room with aiohttp."""
