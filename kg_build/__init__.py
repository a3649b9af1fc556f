"""corpus + ontology → a published snapshot (graph, lexical index, dense index, manifest)."""
