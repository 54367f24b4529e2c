"""What boxes upload and record: pictures, clips and recordings, and the reason for which somebody sees them."""
