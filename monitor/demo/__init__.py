"""The demo: sample feeds written for the project, and a feed server on loopback that can misbehave on request.

Standard library only. The tests of every room use the same server. It answers GET over plain HTTP/1.1, one request
a connection; it does not do TLS, keep-alive, HTTP/2 or brotli.
"""
