"""What a question wants for an answer. The loop, not the prompt, rejects what does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from crisis.engine.allowed import LONGEST_ANSWER, fits_fact, is_day, is_one_of, is_reason
from crisis.engine.events import Json, Line
from crisis.kernel.moments import is_moment
from crisis.kernel.names import unseen_in
from crisis.kernel.text import hostile_characters, is_blank, quoted
from crisis.playbook.model import Fact
from crisis.playbook.values import SEVERITIES, Item


class Text(Struct, frozen=True, kw_only=True):
    """Words. `optional` lets an empty answer pass."""

    optional: bool = False

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if not isinstance(value, str) or len(value) > LONGEST_ANSWER:
            return f"write text of at most {LONGEST_ANSWER:,} characters"
        return "" if value.strip() or self.optional else "write at least a word"


class Choice(Struct, frozen=True, kw_only=True):
    """One of several, by its key."""

    options: Mapping[str, str]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if is_one_of(value, self.options) else f"choose one of {', '.join(self.options)}"


class Ticks(Struct, frozen=True, kw_only=True):
    """Lines to tick off; the answer lists the numbers (from 0) of what is done. `ticked` are done already."""

    items: tuple[Item, ...]
    ticked: tuple[int, ...] = ()

    @property
    def left(self) -> tuple[int, ...]:
        """The numbers of those that can be ticked."""
        return tuple(n for n in range(len(self.items)) if n not in self.ticked)

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        fits = isinstance(value, list) and all(
            isinstance(n, int) and not isinstance(n, bool) and n in self.left for n in value
        )
        which = f"of lines {', '.join(map(str, self.left))}" if self.ticked else f"lines 0 to {len(self.items) - 1}"
        return "" if fits and len(set(value)) == len(value) else f"tick {which}, each once"


class FactValue(Struct, frozen=True, kw_only=True):
    """A fact: `{"value": …}`, or `{"again": "2026-03-07T03:05:00+01:00"}` for not known yet."""

    name: str
    fact: Fact

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if not isinstance(value, dict) or set(value) not in ({"value"}, {"again"}):
            return "give a value, or a time to ask again"
        if "again" in value:
            return "" if is_moment(value["again"]) else "say when to ask again, with a time zone"
        return fits_fact(self.fact, value["value"])


class SeverityChoice(Struct, frozen=True, kw_only=True):
    """How bad it is: `{"severity": "SEV1", "reason": "…"}`; another than proposed needs a reason."""

    proposed: str = ""
    because: str = ""
    ground: str = ""

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if not isinstance(value, dict) or value.get("severity") not in SEVERITIES:
            return f"choose one of {', '.join(SEVERITIES)}"
        reason = value.get("reason", "")
        if not isinstance(reason, str) or len(reason) > LONGEST_ANSWER:
            return "a reason is text"
        lower = self.proposed and value["severity"] > self.proposed
        return "say why it is less severe than proposed" if lower and not reason.strip() else ""


class Draft(Struct, frozen=True, kw_only=True):
    """The texts of a message: `{"texts": [{"channel", "language", "text", "cleared", "edited", "promises"}]}`."""

    message: str
    places: tuple[tuple[str, str], ...]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        texts = value.get("texts") if isinstance(value, dict) else None
        if not isinstance(texts, list) or not texts:
            return "give at least one text"
        places = set()
        for text in texts:
            if not isinstance(text, dict) or not isinstance(text.get("text"), str) or not text["text"].strip():
                return "a text may not be empty"
            if len(text["text"]) > LONGEST_ANSWER:
                return f"a text has at most {LONGEST_ANSWER:,} characters"
            place = (text.get("channel"), text.get("language"))
            if place not in self.places or place in places:
                return f"{place[0]}/{place[1]} is not one of this message's channels and languages, or stands twice"
            places.add(place)
        return ""


class SignOff(Struct, frozen=True, kw_only=True):
    """A yes or no to a sheet: `{"person", "verdict", "proof", "heard_by", "read_back", "reason"}`."""

    message: str
    sheet: str
    roles: tuple[str, ...]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if not isinstance(value, dict) or value.get("verdict") not in ("yes", "no"):
            return "say yes or no"
        if not isinstance(value.get("person"), str) or not value["person"]:
            return "name the person who decided"
        texts = [value.get(key, "") for key in ("proof", "heard_by", "reason")]
        fits = all(isinstance(one, str) and len(one) <= LONGEST_ANSWER for one in texts)
        return "" if fits and isinstance(value.get("read_back", False), bool) else "proof and reason are text"


class NamePerson(Struct, frozen=True, kw_only=True):
    """Someone to add to the roster: `{"name": "Ana Berg", "contact": "+45 12 34 56 78"}`, or `{}` for nobody.

    `"role"` says in which of `roles`; without it, in all of them. `anyone`: it is not for the role that they are asked.
    """

    roles: tuple[str, ...]
    anyone: bool = False

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if value == {}:
            return ""
        fits = (
            isinstance(value, dict)
            and set(value) <= {"name", "contact", "role"}
            and all(isinstance(one, str) and len(one) <= 200 for one in value.values())
            and any(one.isalpha() for one in value.get("name", ""))
            and value.get("role", self.roles[0]) in self.roles
        )
        return unseen_in(value["name"]) if fits else "write a name, and a number if you have it"


class Waiver(Struct, frozen=True, kw_only=True):
    """Go on without the approvals that nobody is there to give: the reason, which stands beside the text."""

    message: str
    rules: tuple[str, ...]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if is_reason(value) else "say why nobody else can approve it"


class LastResortCall(Struct, frozen=True, kw_only=True):
    """The crisis lead sends a cleared safety text because everyone is silent: the reason."""

    message: str

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if is_reason(value) else "say why it cannot wait"


class Release(Struct, frozen=True, kw_only=True):
    """`post`: lock these approved texts and post them now; `edit`: take them back to the draft."""

    message: str
    lines: tuple[Line, ...]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if value in ("post", "edit") else "choose post or edit"


#: Channels whose texts are sent to people and stand nowhere.
WITHOUT_ADDRESS = frozenset({"email", "internal", "press-release", "sms"})
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")
_LONGEST_LINK = 2_000


class Link(Struct, frozen=True, kw_only=True):
    """Where the text can be seen: `{"link": "https://…"}`, or `{"left_out": "reason"}`.

    What goes out by mail, SMS or to the press has no address: there `link` says to whom it was sent, and when.
    """

    message: str
    line: Line

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        if isinstance(value, dict) and set(value) in ({"link"}, {"left_out"}):
            (said,) = value.values()
            if not isinstance(said, str) or is_blank(said) or len(said) > _LONGEST_LINK:
                return "paste the link, or say why it was not posted there"
            if "link" in value and self.line.channel not in WITHOUT_ADDRESS and not _ADDRESS.fullmatch(said.strip()):
                return f"{quoted(said, 40)} is no link: paste the address at which the text can be seen (https://…)"
            if "link" in value and (hostile_characters(said) or not said.strip().isprintable()):
                return "it holds characters that cannot be seen: type it, or copy it anew"
            return ""
        return "paste the link, or say why it was not posted there"


class OnlyIn(Struct, frozen=True, kw_only=True):
    """Post without the languages that nobody reads: `{"leave_out": "why"}`, or `{"keep": True}` to leave them in."""

    message: str
    without: tuple[str, ...]
    only: tuple[str, ...]

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        fits = value == {"keep": True} or (
            isinstance(value, dict) and set(value) == {"leave_out"} and is_reason(value["leave_out"])
        )
        return "" if fits else f"say why {', '.join(self.without)} is left out, or keep it"


class Override(Struct, frozen=True, kw_only=True):
    """Publish although something should come first: the reason."""

    why_held: str

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if is_reason(value) else "say why it cannot wait"


class Accounts(Struct, frozen=True, kw_only=True):
    """A tick list of accounts: `{"x @brand": "who paused it, where one sees it"}` for those done."""

    accounts: Mapping[str, str]
    resume: bool = False

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        fits = isinstance(value, dict) and all(
            key in self.accounts and isinstance(evidence, str) and len(evidence) <= LONGEST_ANSWER
            for key, evidence in value.items()
        )
        return "" if fits else f"tick some of: {', '.join(self.accounts)}"


class Reach(Struct, frozen=True, kw_only=True):
    """What came of a call: `acknowledged`, `no-answer`, or `nobody` where the person cannot be called at all."""

    role: str
    person: str

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if value in ("acknowledged", "no-answer", "nobody") else "acknowledged, no-answer or nobody"


class When(Struct, frozen=True, kw_only=True):
    """A moment, with its time zone, in ISO 8601."""

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if is_moment(value) else "give a moment with its time zone"


class Day(Struct, frozen=True, kw_only=True):
    """A day, as `2026-03-20`; or nothing where it is left open."""

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        return "" if value == "" or (isinstance(value, str) and is_day(value)) else "write a date as 2026-03-20"


class Rows(Struct, frozen=True, kw_only=True):
    """A short table: a list of maps with these columns; the first column may not be empty.

    What stands in one of `dates` is a day, as `2026-03-20`, or nothing; a column that is left out was not asked for.
    """

    columns: Mapping[str, str]
    dates: tuple[str, ...] = ()

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        first = next(iter(self.columns))
        fits = isinstance(value, list) and all(
            isinstance(row, dict)
            and set(row) <= set(self.columns)
            and all(isinstance(cell, str) and len(cell) <= LONGEST_ANSWER for cell in row.values())
            and row.get(first, "").strip()
            for row in value
        )
        if not fits:
            return f"a list of rows with {', '.join(self.columns)}"
        days = [row[column] for row in value for column in self.dates if row.get(column)]
        wrong = [day for day in days if not is_day(day)]
        return f"{quoted(wrong[0], 40)} is no date: write it as 2026-03-20" if wrong else ""


#: The most files that one answer names, and the longest name of one.
MOST_EXPORTS, _LONGEST_PATH = 20, 4_000


class Export(Struct, frozen=True, kw_only=True):
    """What a monitoring tool exported: `{"files": ["export.csv"]}`, or `{"not_now": "why"}`; why may be empty.

    `"old": true` beside the files takes them although they end long ago. `instead` of the files of another export,
    which was the wrong one: then only files are an answer.
    """

    instead: tuple[str, ...] = ()

    def illegal(self, value: Json) -> str:
        """Why `value` is no answer, or nothing."""
        match value:
            case {"not_now": str()} if self.instead:
                return f"name the right export instead of {', '.join(self.instead)}"
            case {"not_now": str(why)} if len(value) == 1:
                return "" if len(why) <= LONGEST_ANSWER else f"a reason has at most {LONGEST_ANSWER:,} characters"
            case {"files": [_, *_] as files, **more} if more in ({}, {"old": True}) and len(files) <= MOST_EXPORTS:
                fits = all(isinstance(one, str) and 0 < len(one.strip()) <= _LONGEST_PATH for one in files)
                return "" if fits else "a file is named by its path"
        return f"name 1 to {MOST_EXPORTS} files, or say: not now"


Shape = (
    Text
    | Choice
    | Ticks
    | FactValue
    | SeverityChoice
    | Draft
    | SignOff
    | NamePerson
    | Waiver
    | LastResortCall
    | Release
    | Link
    | OnlyIn
    | Override
    | Accounts
    | Reach
    | When
    | Day
    | Rows
    | Export
)

#: Shapes whose answer binds the company: never taken from a pipe or a file outside a drill.
BY_HAND = (SignOff, Waiver, LastResortCall, Release, Link, OnlyIn, Override)


def is_by_hand(shape: Shape) -> bool:
    """Whether only a person at a terminal may answer it, outside a drill."""
    return isinstance(shape, BY_HAND) or (isinstance(shape, Accounts) and shape.resume)
