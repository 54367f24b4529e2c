"""What is said over loudspeakers: the texts, the sound made of them, who wishes and approves it, what became of it."""
