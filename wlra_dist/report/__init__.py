"""What a run leaves for people: its summary, a table, a picture, and the line that shows it at work."""
