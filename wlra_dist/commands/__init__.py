"""What the commands do that play games, one file each; every rank runs them, the first one prints."""
