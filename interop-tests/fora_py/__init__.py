"""A second implementation of Fora, written from spec/ and proto/fora/v1 alone.

It exists to test the specification: nothing here was looked up in the C sources. It is small and
in memory; it is no node for use.
"""
