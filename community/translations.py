"""The translations of the interface, kept complete without GNU gettext.

English is the source language. `manage.py translations --update` collects the
sentences of code and templates into locale/*/LC_MESSAGES/django.po, and `--check`
names everything that is not right there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

SOURCE_LANGUAGE = "en"
FOLDERS = (
    *("community", "accounts", "content", "incentives", "analytics", "recommend"),
    "templates",
)
LAZY = {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLURAL_FORMS = {"zh_Hans": "nplurals=1; plural=0;"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w*\}(?!\})")
UNNAMED = re.compile(r"(?<!%)(?:%%)*%[sd]|\{\}")

Key = tuple[str | None, str]  # context, sentence


@dataclass
class Message:
    """A sentence of the source, and where it stands."""

    context: str | None
    sentence: str
    plural: str | None = None
    places: set[str] = field(default_factory=set)


def messages(root: Path | None = None) -> dict[Key, Message]:
    """Every translatable sentence of code and templates."""
    root = root or settings.BASE_DIR
    found: dict[Key, Message] = {}
    for path in _sources(root):
        place = path.relative_to(root).as_posix()
        for context, sentence, plural in _extract(path):
            key = (context, sentence)
            message = found.setdefault(key, Message(context, sentence))
            message.plural = message.plural or plural
            message.places.add(place)
    return found


def _sources(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            wanted = path.suffix in {".py", ".html", ".txt"}
            if wanted and "migrations" not in path.parts:
                yield path


def _extract(path: Path) -> Iterator[tuple[str | None, str, str | None]]:
    from babel.messages.extract import DEFAULT_KEYWORDS, extract

    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into something like Python, indented at random.
        text = re.sub(r"(?m)^\s+", "", templatize(text, origin=str(path)))
    found = extract(
        "python",
        BytesIO(text.encode()),
        keywords=DEFAULT_KEYWORDS | LAZY,
        options={"encoding": "utf-8"},
    )
    for _line, given, _comments, context in found:
        sentence, plural = given if isinstance(given, tuple) else (given, None)
        yield context, sentence, plural


class Catalogue:
    """The translations into one language: locale/<locale>/LC_MESSAGES/django.po."""

    def __init__(self, locale: str, root: Path | None = None):
        self.locale = locale
        folder = root or Path(settings.LOCALE_PATHS[0])
        self.path = folder / locale / "LC_MESSAGES" / "django.po"

    def is_stale(self) -> bool:
        compiled = self.path.with_suffix(".mo")
        if not self.path.exists():
            return False
        return (
            not compiled.exists()
            or compiled.stat().st_mtime < self.path.stat().st_mtime
        )

    def compile(self) -> None:
        if self.path.exists():
            self.read().save_as_mofile(str(self.path.with_suffix(".mo")))

    def read(self) -> polib.POFile:
        if self.path.exists():
            return polib.pofile(str(self.path), wrapwidth=88)
        empty = polib.POFile(wrapwidth=88)
        empty.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Language": self.locale,
            "Plural-Forms": PLURAL_FORMS[self.locale],
        }
        return empty

    def update(self, wanted: dict[Key, Message]) -> None:
        """Take up new sentences, drop unused ones, keep what is translated."""
        old = self.read()
        kept: dict[Key, polib.POEntry] = {(e.msgctxt, e.msgid): e for e in old}
        new = polib.POFile(wrapwidth=88)
        new.metadata, new.header = old.metadata, old.header
        forms = range(int(old.metadata["Plural-Forms"].split("=")[1].split(";")[0]))
        for message in sorted(wanted.values(), key=_order):
            before = kept.get((message.context, message.sentence))
            new.append(_entry(message, before, forms))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(self.path))

    def problems(self, wanted: dict[Key, Message]) -> list[str]:
        """What keeps this language from being complete, a line each."""
        entries = {(entry.msgctxt, entry.msgid): entry for entry in self.read()}
        missing = [wanted[key] for key in wanted.keys() - entries.keys()]
        return [
            *(
                f"missing: {m.sentence!r} ({', '.join(sorted(m.places))})"
                for m in sorted(missing, key=_order)
            ),
            *_unused(entries, wanted),
            *(
                f"{problem}: {entry.msgid!r}"
                for key, entry in entries.items()
                if key in wanted
                for problem in _wrong(entry, wanted[key])
            ),
        ]


def catalogues() -> list[Catalogue]:
    codes = [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]
    return [Catalogue(to_locale(code)) for code in codes]


def _order(message: Message) -> tuple[list[str], str, str]:
    return sorted(message.places), message.sentence, message.context or ""


def _entry(
    message: Message, before: polib.POEntry | None, forms: Iterable[int]
) -> polib.POEntry:
    # Files without line numbers: moving a line is no change of a translation.
    entry = polib.POEntry(
        msgctxt=message.context,
        msgid=message.sentence,
        occurrences=[(place, "") for place in sorted(message.places)],
    )
    if "%(" in message.sentence + (message.plural or ""):
        entry.flags.append("python-format")
    if before is not None and before.fuzzy:
        entry.flags.append("fuzzy")
    if message.plural:
        entry.msgid_plural = message.plural
        old = before.msgstr_plural if before else {}
        entry.msgstr_plural = {n: old.get(n, "") for n in forms}
    elif before is not None:
        entry.msgstr = before.msgstr
    return entry


def _unused(entries: dict, wanted: dict[Key, Message]) -> list[str]:
    return [
        f"no longer used: {entry.msgid!r}"
        for key, entry in entries.items()
        if key not in wanted
    ]


def _wrong(entry: polib.POEntry, message: Message) -> Iterator[str]:
    if UNNAMED.search(message.sentence):
        yield "placeholder without a name"
    if bool(message.plural) != bool(entry.msgid_plural):
        yield "singular and plural mixed up, run --update"
        return
    texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        yield "not confirmed (fuzzy)"
    if not all(texts):
        yield "not translated"
        return
    expected = _placeholders(entry.msgid_plural or entry.msgid)
    if any(_placeholders(text) != expected for text in texts):
        yield f"placeholders differ from {sorted(expected)}"


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))
