"""A snapshot → answers, checklists, records, documents, screens."""
