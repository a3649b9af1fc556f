"""The reader's side of a snapshot: which one is published, and its graph. Light to import: no index, no builder."""

from __future__ import annotations

import datetime
import gzip
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyoxigraph
import rdflib
from oxrdflib import OxigraphStore
from rdflib import RDF, XSD
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg_build.vocabulary import HG, OUTSIDE

SAYS = "says.nt.gz"
"""The file of a snapshot with how people ask."""
PIECE = 1 << 20
"""Bytes of a graph that are read at once."""


def current(data: Path) -> Path | None:
    """The published snapshot's folder, or ``None`` when there is none (or it was damaged)."""
    try:
        key = (data / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = data / "snapshots" / key
    return folder if re.fullmatch(r"[0-9a-f]{16}", key) and (folder / "manifest.json").is_file() else None


def load_store(folder: Path, shown: Mapping[str, str]) -> tuple[pyoxigraph.Store, dict[str, list[str]]]:
    """The snapshot's graph and ontology in an Oxigraph store in memory; apart from it IRI → how people ask for what is held.

    Nearly half of all triples are ``hg:says``, and no query wants them: outside the store they take a third of
    the room. Only sentences that are keys of ``shown`` are kept, each as the value there; none of them is asked about
    something not held.
    """
    store = pyoxigraph.Store()
    with gzip.open(folder / "ontology.nt.gz", "rb") as file:
        store.bulk_load(file.read(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    says: dict[str, list[str]] = {}
    # In pieces: as a whole a file is as large as the store that it becomes.
    with gzip.open(folder / "graph.nt.gz", "rb") as file:
        while lines := file.readlines(PIECE):
            store.bulk_load(b"".join(lines), format=pyoxigraph.RdfFormat.N_TRIPLES)
    not_held = f"<{OUTSIDE}".encode()
    with gzip.open(folder / SAYS, "rb") as file:
        while lines := file.readlines(PIECE):
            asked = b"".join(line for line in lines if not line.startswith(not_held))
            for quad in pyoxigraph.parse(asked, format=pyoxigraph.RdfFormat.N_TRIPLES):
                if kept := shown.get(str(_python(quad.object))):
                    says.setdefault(str(_python(quad.subject)), []).append(kept)
    return store, says


def says_as_triples(says: Mapping[str, Sequence[str]]) -> bytes:
    """IRI → how people ask for it, as N-Triples."""
    predicate = pyoxigraph.NamedNode(str(HG.says))
    triples = (
        pyoxigraph.Triple(pyoxigraph.NamedNode(str(iri)), predicate, pyoxigraph.Literal(saying, language="zh"))
        for iri, mine in says.items()
        for saying in mine
    )
    return bytes(pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES) or b"")


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
        found[str(_python(typed.subject))] = bag
    return found


def _python(term: object) -> Value:
    if isinstance(term, pyoxigraph.Literal):
        reader = _READERS.get(term.datatype.value)
        return reader(term.value) if reader else term.value
    # IRIs stand in many places: each is kept once.
    return sys.intern(str(getattr(term, "value", term)))
