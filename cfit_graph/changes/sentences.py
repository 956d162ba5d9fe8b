"""What became of a thing from one graph to the next, in one sentence made from the data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cfit_graph.changes.records import ACTIVE, DEPRECATED, GROUP, MEMBER, REPLACED, STATUS, Record, Statement, name
from cfit_graph.namespaces import ID, NS, VOCABULARIES, things
from cfit_graph.texts import ARTICLE, CHANGED, CHANGES, DIFFERENCES, PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Set

HEADLINES: Final = (
    "joined", "succeeded", "returned", "became", "left", "ended", "intended", "former", "renamed", "replaced", "retired"
)  # fmt: skip
"""The sentences that tell news; the others tell of the records."""

_INTENDED, _FORMER = (f"{ID}status/{status}" for status in ("intended", "former"))
_ROLE = VOCABULARIES["org"] + "role"
_CONTINUES = NS + "continues"
_NAME = VOCABULARIES["skos"] + "prefLabel"
_EVIDENCE = {VOCABULARIES["dcterms"] + "source", NS + "confidence"}

_HAPPENED: Final = {*HEADLINES, "corrected"} - {"renamed", "replaced", "retired"}
"""What is not told where an older graph is restored: it did not happen now, only the records are as they were."""

_TRUE = ('"true"', '"1"')
"""How a value begins that is true, as N-Quads has it."""

_NOTHING: Final = Record()

Words = dict[str, str]


@dataclass(frozen=True)
class Change:
    """One thing, what was said of it and what is said of it now, and the names of all things by IRI.

    ``base`` is what the IRIs of the things told of begin with; ``members`` are those of all pacts and groups, before
    and now. ``former`` is what was said of the thing before it was retired; ``restores`` says that all is as it was in
    an older graph, so that what comes back is no news.
    """

    subject: str
    before: Record
    after: Record
    names: Mapping[str, str]
    base: str
    members: tuple[Set[tuple[str, str]], Set[tuple[str, str]]] = (frozenset(), frozenset())
    former: Record = _NOTHING
    restores: bool = False

    @property
    def is_new(self) -> bool:
        """Whether nothing was said of it before."""
        return not self.before.lines

    @property
    def is_gone(self) -> bool:
        """Whether nothing is said of it any more."""
        return not self.after.lines

    @property
    def present(self) -> Record:
        """What is said of it now, or was last."""
        return self.before if self.is_gone else self.after

    @property
    def label(self) -> str:
        """What it is called now, or was last."""
        return name(self.subject, self.present, self.names)

    @property
    def kind(self) -> str:
        """What it is, in a word: by its address, or else by its type."""
        start = things(self.base)
        if self.subject.startswith(start):
            return self.subject.removeprefix(start).partition("/")[0].replace("-", " ")
        types = [PROPERTIES.get(iri) or self.names.get(iri, "") for iri in self.present.types()]
        return next(filter(None, types), "thing")

    @cached_property
    def stated(self) -> tuple[set[Statement], set[Statement]]:
        """What is stated no more, and what is stated newly."""
        return self._difference(derived=False)

    @cached_property
    def derived(self) -> tuple[set[Statement], set[Statement]]:
        """What is derived no more, and what is derived newly."""
        return self._difference(derived=True)

    def _difference(self, *, derived: bool) -> tuple[set[Statement], set[Statement]]:
        before, after = self.before.statements(derived=derived), self.after.statements(derived=derived)
        return before - after, after - before

    def word(self, term: str) -> str:
        """Return what a sentence calls a property."""
        return CHANGED.get(term) or PROPERTIES.get(term) or name(term, Record(), self.names)


def tell(change: Change) -> tuple[str, str]:
    """Return the name of the sentence that fits best, and the sentence."""
    for sentence, find in _FINDERS.items():
        words = None if change.restores and sentence in _HAPPENED else find(change)
        if words is not None:
            return sentence, " ".join(CHANGES[sentence].format(**words).split())
    raise AssertionError("the last finder finds words for any change")


def _began(change: Change) -> Words | None:
    before, after = change.before.first(STATUS), change.after.first(STATUS)
    return _parts(change, change.after) if after == ACTIVE and (change.is_new or before == _INTENDED) else None


def _succeeded(change: Change) -> Words | None:
    former = change.after.first(_CONTINUES)
    words = _began(change) if former else None
    return {**words, "former": name(former, Record(), change.names)} if words else None


def _joined(change: Change) -> Words | None:
    """Who is in another role already does not join."""
    return None if _tie(change.after) in change.members[0] else _began(change)


def _returned(change: Change) -> Words | None:
    return _parts(change, change.after) if _statuses(change) == (_FORMER, ACTIVE) else None


def _left(change: Change) -> Words | None:
    """Who stays in another role does not leave."""
    return None if _tie(change.before) in change.members[1] else _ended(change)


def _ended(change: Change) -> Words | None:
    return _parts(change, change.before) if _statuses(change) == (ACTIVE, _FORMER) else None


def _statuses(change: Change) -> tuple[str, str]:
    return change.before.first(STATUS), change.after.first(STATUS)


def _tie(record: Record) -> tuple[str, str]:
    return record.first(MEMBER), record.first(GROUP)


def _intended(change: Change) -> Words | None:
    return _parts(change, change.after) if change.is_new and change.after.first(STATUS) == _INTENDED else None


def _former(change: Change) -> Words | None:
    return _parts(change, change.after) if change.is_new and change.after.first(STATUS) == _FORMER else None


def _parts(change: Change, record: Record) -> Words | None:
    """Return who is in which group or pact, and as what; nothing, if this is no such record."""
    parts = [record.first(part) for part in (MEMBER, GROUP, _ROLE)]
    if not all(parts):
        return None
    organization, group, role = (name(part, Record(), change.names) for part in parts)
    return {"organization": organization, "pact": _with_article(group), "role": role}


def _with_article(group: str) -> str:
    """Return the name of a pact or group with its article; a single word, as Procure4Circular, has none."""
    bare = group.removeprefix("The ")
    return ARTICLE.format(name=bare) if " " in bare or bare != group else bare


def _renamed(change: Change) -> Words | None:
    """A name is another only if it is in the same language: a translation that is new renames nobody.

    Nor does a name that is said to be in another language than before.
    """
    before, after = change.before.texts(_NAME), change.after.texts(_NAME)
    gone, new = before.items() - after.items(), after.items() - before.items()
    moved = {text for _, text in gone} & {text for _, text in new}
    other = [
        language
        for language in {language for language, _ in gone} & {language for language, _ in new}
        if moved.isdisjoint({before[language], after[language]})
    ]
    if not other:
        return None
    language = min(other, key=lambda language: (language != "en", language))
    return {"former": before[language], "label": after[language]}


def _replaced(change: Change) -> Words | None:
    others = sorted(name(iri, Record(), change.names) for iri in change.after.replacements)
    is_news = any(term == REPLACED for term, _ in change.stated[1])
    return {"label": change.label, "replacement": ", ".join(others)} if others and is_news else None


def _retired(change: Change) -> Words | None:
    is_news = any(term == DEPRECATED and value.startswith(_TRUE) for term, value in change.stated[1])
    return {"label": change.label} if is_news else None


def _restored(change: Change) -> Words | None:
    """What was on record once is back, though it may have been called retired meanwhile."""
    is_back = change.after.says_what and not change.before.says_what
    was_known = change.restores or (change.former.says_what and not change.after.is_retired)
    return {"label": change.label} if is_back and was_known else None


def _created(change: Change) -> Words | None:
    """What was on record once is not new, nor is that of which is only said that it is retired."""
    is_new = change.is_new and not change.former.says_what and (change.after.says_what or not change.after.is_retired)
    return {"kind": change.kind, "label": change.label} if is_new else None


def _removed(change: Change) -> Words | None:
    return {"kind": change.kind, "label": change.label} if change.is_gone else None


def _corrected(change: Change) -> Words | None:
    terms = {term for side in change.stated for term, _ in side}
    if NS + "Source" not in change.after.types() or not terms:
        return None
    return {"label": change.label, "properties": ", ".join(sorted(map(change.word, terms)))}


def _evidence(change: Change) -> Words | None:
    terms = {term for side in change.stated for term, _ in side}
    return {"label": change.label} if terms and terms <= _EVIDENCE else None


def _updated(change: Change) -> Words | None:
    differences = _differences(change, *change.stated)
    return {"label": change.label, "differences": differences} if differences else None


def _derived(change: Change) -> Words | None:
    differences = _differences(change, *change.derived)
    return {"label": change.label, "differences": differences} if differences else None


def _moved(change: Change) -> Words | None:
    return {"label": change.label}


def _differences(change: Change, gone: Iterable[Statement], new: Iterable[Statement]) -> str:
    before, after = ({term for term, _ in side} for side in (gone, new))
    found = (_difference(change.word(term), term in before, term in after) for term in before | after)
    return ", ".join(sorted(set(found)))


def _difference(word: str, was: bool, is_now: bool) -> str:
    became = "changed" if was and is_now else "added" if is_now else "removed"
    return DIFFERENCES[became].format(property=word)


_FINDERS: Final[dict[str, Callable[[Change], Words | None]]] = {
    "restored": _restored,
    "succeeded": _succeeded,
    "joined": _joined,
    "became": _began,
    "returned": _returned,
    "left": _left,
    "ended": _ended,
    "intended": _intended,
    "former": _former,
    "created": _created,
    "removed": _removed,
    "replaced": _replaced,
    "retired": _retired,
    "renamed": _renamed,
    "corrected": _corrected,
    "evidence": _evidence,
    "updated": _updated,
    "derived": _derived,
    "moved": _moved,
}
"""What finds the words of each sentence, or nothing if it does not fit; the first that fits is told."""
