"""What the doctor finds of the cameras: each stream measured, its password, its clock."""
