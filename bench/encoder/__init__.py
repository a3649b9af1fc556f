"""Trains the embedded encoder on the corpus: ``prepare`` and ``pack`` here, ``train`` wherever torch runs."""
