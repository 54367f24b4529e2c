"""What is kept of the video: snapshots, clips, recordings, and the room that they may take."""
