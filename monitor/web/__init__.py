"""The door for those who get digests: it answers the links of their mails, writes rows, and runs no job."""
