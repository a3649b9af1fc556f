"""Hegui's ontology: vocabulary, SKOS schemes, applicability classes and SHACL shapes, as Turtle files."""
