"""Hegui's corpus: documents with provisions, checks and cases, as YAML files a person can edit."""
