"""One message a server, or one in all: columns and coefficients of a block by itself."""
