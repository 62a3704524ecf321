"""The files of a record, one kind a file: each appears whole or not at all."""
