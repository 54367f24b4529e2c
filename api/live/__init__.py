"""What happens now: the WebSockets of walls and boxes, who watches what, and what is told to whom."""
