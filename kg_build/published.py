"""The reader's side of a snapshot: which one is published, and its graph. Light to import: no index, no builder."""

from __future__ import annotations

import datetime
import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import rdflib
from oxrdflib import OxigraphStore
from rdflib import RDF, XSD
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID


def current(data: Path) -> Path | None:
    """The published snapshot's folder, or ``None`` when there is none (or it was damaged)."""
    try:
        key = (data / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = data / "snapshots" / key
    return folder if re.fullmatch(r"[0-9a-f]{16}", key) and (folder / "manifest.json").is_file() else None


def load_store(folder: Path) -> pyoxigraph.Store:
    """The snapshot's graph and ontology in an Oxigraph store in memory."""
    store = pyoxigraph.Store()
    for name in ("ontology.nt.gz", "graph.nt.gz"):
        with gzip.open(folder / name, "rb") as file:
            store.bulk_load(file.read(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def as_graph(store: pyoxigraph.Store) -> rdflib.Graph:
    """The store behind rdflib's interface."""
    # The bulk load fills the default graph, which rdflib knows under this name.
    return rdflib.Graph(store=OxigraphStore(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)


Value = str | int | float | bool | datetime.date
Bag = dict[str, list[Value]]
_READERS: dict[str, Callable[[str], Value]] = {
    str(XSD.integer): int,
    str(XSD.decimal): float,
    str(XSD.double): float,
    str(XSD.boolean): lambda text: text == "true",
    str(XSD.date): datetime.date.fromisoformat,
}


def describe(store: pyoxigraph.Store, kind: str) -> dict[str, Bag]:
    """All that is said of every thing of a class: IRI → property IRI → values (IRIs as text).

    Reads the store directly: for tens of thousands of triples several times quicker than a query through rdflib.
    """
    found: dict[str, Bag] = {}
    for typed in store.quads_for_pattern(None, pyoxigraph.NamedNode(str(RDF.type)), pyoxigraph.NamedNode(kind), None):
        bag: Bag = {}
        for quad in store.quads_for_pattern(typed.subject, None, None, None):
            bag.setdefault(quad.predicate.value, []).append(_python(quad.object))
        found[str(getattr(typed.subject, "value", typed.subject))] = bag
    return found


def _python(term: object) -> Value:
    if isinstance(term, pyoxigraph.Literal):
        reader = _READERS.get(term.datatype.value)
        return reader(term.value) if reader else term.value
    return str(getattr(term, "value", term))
