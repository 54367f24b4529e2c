"""What crosses a wire or a disk between the parts of Phố An: ids, topics and messages. Pure, no I/O."""
