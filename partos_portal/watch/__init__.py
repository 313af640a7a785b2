"""What the portal tells of its own work: its log, its numbers, its errors, and whether all is well."""
