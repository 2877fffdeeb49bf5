"""For each shape: what is asked, and the value that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from crisis.adapters.operator import screen
from crisis.adapters.operator.drafting import drafted_texts
from crisis.adapters.operator.moments import coming_day, coming_moment, days_to_come, how_long_ago, past_moment
from crisis.adapters.operator.numbers import number_from
from crisis.adapters.operator.page import Page
from crisis.adapters.operator.prompts import Live, Option, Prompts, Shown
from crisis.adapters.operator.typed import name_and_number
from crisis.adapters.operator.written import NOT_KNOWN_YET
from crisis.engine import shapes
from crisis.engine.allowed import out_of_bounds
from crisis.engine.events import Json
from crisis.engine.steps import Ask
from crisis.kernel.durations import roughly
from crisis.kernel.names import is_me, is_nobody
from crisis.kernel.text import one_line, sentence
from crisis.messages.languages import called
from crisis.playbook.model import Fact
from crisis.playbook.values import SEVERITIES, SEVERITY_WORDS
from crisis.runtime.scene import Question

ASK_AGAIN = timedelta(minutes=15)
UNKNOWN = "\x00unknown"

#: What the journal says where nobody said who stopped an account.
NOTHING_TO_ADD = "not said by whom"
Now = Callable[[], datetime]


class NotNow(Exception):
    """The person thought better of answering this now."""


def value_for(question: Question, prompts: Prompts, live: Live, me: str, now: Now, page: Page) -> Json:
    """The answer to `question`, as the shape wants it. `page` keeps what is made of its texts."""
    ask = question.open_ask.ask
    match ask.wants:
        case shapes.FactValue(fact=fact):
            return fact_said(ask.prompt, fact, ask.suggested, prompts, live, now)
        case shapes.SeverityChoice():
            return _severity(ask.prompt, ask.wants, prompts, live)
        case shapes.Choice(options=options):
            return _choice(ask, options, prompts, live)
        case shapes.Ticks(items=items, left=left):
            offered = [Option(str(n), items[n].text, "shows evidence" if items[n].evidence else "") for n in left]
            # A tick is never given for something not done: nothing is ticked in advance.
            return [int(key) for key in prompts.tick(ask.prompt, offered, (), live)]
        case shapes.Draft():
            return {"texts": drafted_texts(question, prompts, live, page)}
        case shapes.SignOff():
            return _sign_off(question, ask.wants, prompts, live, me)
        case shapes.NamePerson(roles=roles):
            return _person(prompts.text(ask.prompt, "", live), roles, prompts, live, me)
        case shapes.Waiver() | shapes.LastResortCall() | shapes.Override():
            reason = prompts.text(ask.prompt, str(ask.suggested or ""), live)
            if not reason.strip():
                without = "it waits" if isinstance(ask.wants, shapes.Override) else "the menu offers something else"
                prompts.show([Shown(f"Nothing is recorded without a reason: {without}.", "loud")])
                raise NotNow
            return reason
        case shapes.OnlyIn():
            return _only_in(ask.prompt, ask.wants, prompts, live)
        case shapes.Release():
            return _release(question, prompts, live)
        case shapes.Link():
            return _link(question, ask.wants, prompts, live)
        case shapes.Accounts():
            return _accounts(ask.prompt, ask.wants, prompts, live)
        case shapes.Reach():
            return _reach(question, ask.wants, prompts, live)
        case shapes.When():
            return _moment(ask.prompt, "4h", prompts, live, now, coming_moment)
        case shapes.Day():
            return _day(prompts.text(ask.prompt, "", live).strip(), ask.prompt, prompts, live, now)
        case shapes.Rows():
            return _rows(question, ask.wants, prompts, live, now)
        case shapes.Export():
            return _export(ask, ask.wants, prompts, live)
        case shapes.Text():
            return prompts.text(ask.prompt, str(ask.suggested or ""), live)


def fact_said(prompt: str, fact: Fact, suggested: Json, prompts: Prompts, live: Live, now: Now) -> Json:
    """A fact's value, or that it is not known yet, as `FactValue` wants it."""
    after = fact.ask_again or ASK_AGAIN
    later = Option(UNKNOWN, f"Not known yet, ask again in {roughly(after)}")
    again = {"again": (now() + after).isoformat(timespec="seconds")}
    known = suggested["value"] if isinstance(suggested, dict) else None
    match fact.type:
        case "yes-no":
            options = [Option("yes", "Yes"), Option("no", "No"), later]
            # Enter alone says nothing that somebody would have to take back: not that a person died, not that none did.
            default = "yes" if known is True else "no" if known is False else UNKNOWN
            chosen = prompts.select(prompt, options, default, live)
            return again if chosen == UNKNOWN else {"value": chosen == "yes"}
        case "choice":
            options = [*(Option(key, label) for key, label in fact.options.items()), later]
            chosen = prompts.select(prompt, options, str(known or UNKNOWN), live)
            return again if chosen == UNKNOWN else {"value": chosen}
        case "choice-many":
            options = [Option(key, label) for key, label in fact.options.items()]
            chosen_many = prompts.tick(f"{prompt} (none ticked: not known yet)", options, set(known or ()), live)
            return {"value": chosen_many} if chosen_many else again
        case "time":
            return _time_fact(prompt, again, known, prompts, live, now)
        case "number":
            return _number_fact(prompt, fact, again, known, prompts, live)
        case "text":
            said = prompts.text(f"{prompt} (empty: not known yet)", str(known or ""), live)
            return {"value": said.strip()} if said.strip() else again


def _time_fact(prompt: str, again: Json, known: Json, prompts: Prompts, live: Live, now: Now) -> Json:
    """What is offered is what is known, or now where that is meant; else an empty answer is: not known yet."""
    offered = _as_typed(known, now())
    examples = "now, 25m ago, 02:36" if offered else "now, 25m ago, 02:36; empty: not known yet"
    while True:
        said = prompts.text(f"{prompt} ({examples})", offered, live)
        if not said.strip() or said.strip().lower() in NOT_KNOWN_YET:
            return again
        if isinstance(known, str) and said == offered:
            return {"value": known}  # taken as it is: what is shown leaves out the zone, and `now` was then
        try:
            return {"value": _confirmed(said, prompts, live, now).isoformat(timespec="seconds")}
        except ValueError as error:
            prompts.show([Shown(str(error), "loud")])


def _confirmed(said: str, prompts: Prompts, live: Live, now: Now) -> datetime:
    """When it was; a time without a day that may be meant otherwise is said as it was taken, and asked once more."""
    while understood := how_long_ago(said, moment := past_moment(said, now()), now()):
        another = prompts.text(f"{understood}: is that meant? (or type it again, with its day)", "yes", live)
        if another.strip().lower() in ("", "y", "yes"):
            break
        said = another
    return moment


def _as_typed(known: Json, now: datetime) -> str:
    """A moment as a person would type it: `now` for one that is only just over."""
    if not isinstance(known, str):
        return ""
    moment = datetime.fromisoformat(known).astimezone(now.tzinfo)
    if abs(now - moment) < timedelta(seconds=90):
        return "now"
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds").removesuffix(":00")


def _moment(
    prompt: str, default: str, prompts: Prompts, live: Live, now: Now, parse: Callable[[str, datetime], datetime]
) -> str:
    while True:
        said = prompts.text(prompt, default, live)
        try:
            return parse(said, now()).isoformat(timespec="seconds")
        except ValueError as error:
            prompts.show([Shown(str(error), "loud")])


def _number_fact(prompt: str, fact: Fact, again: Json, known: Json, prompts: Prompts, live: Live) -> Json:
    default = "" if known is None else str(known)
    while True:
        said = prompts.text(f"{prompt} (empty: not known yet)", default, live).strip()
        if not said:
            return again
        try:
            number = number_from(said)
        except ValueError as error:
            prompts.show([Shown(str(error), "loud")])
            continue
        if not (why := out_of_bounds(fact, number)):
            return {"value": number}
        prompts.show([Shown(why, "loud")])


def _severity(prompt: str, wants: shapes.SeverityChoice, prompts: Prompts, live: Live) -> Json:
    proposed = [level for level in SEVERITIES if level == wants.proposed]
    order = [*proposed, *(level for level in SEVERITIES if level not in proposed)]
    options = [
        Option(level, f"{level} {SEVERITY_WORDS[level]}", "proposed" if level == wants.proposed else "")
        for level in order
    ]
    chosen = prompts.select(prompt, options, wants.proposed or order[0], live)
    is_less = bool(wants.proposed) and chosen > wants.proposed
    reason = _reason(f"Why {chosen}, when {wants.proposed} is proposed?", prompts, live) if is_less else ""
    return {"severity": chosen, "reason": reason}


def _reason(prompt: str, prompts: Prompts, live: Live) -> str:
    """A few words, asked for until there are some."""
    while not (said := prompts.text(prompt, "", live).strip()):
        prompts.show([Shown("This needs a reason: a few words will do. The menu offers something else.", "loud")])
    return said


def _person(said: str, roles: tuple[str, ...], prompts: Prompts, live: Live, me: str) -> Json:
    name, contact = name_and_number(said)
    if not name or is_nobody(name):
        return {}
    if is_me(name):
        name = me
    person = {"name": name, "contact": contact}
    if len(roles) == 1:
        return person
    offered = [Option(role, role.replace("-", " ")) for role in roles]
    return {**person, "role": prompts.select(f"As what does {one_line(name, 60)} speak?", offered, roles[0], live)}


def _sign_off(question: Question, wants: shapes.SignOff, prompts: Prompts, live: Live, me: str) -> Json:
    prompts.show(screen.sheet(question.around.texts, wants.sheet))
    options = []
    for person, label in question.around.people.items():
        if person == me:
            options += [
                Option(f"yes {person}", f"I approve it: {label}"),
                Option(f"no {person}", f"I refuse it: {label}"),
            ]
        else:
            number = question.around.contacts.get(person, "")
            options += [
                Option(f"yes {person}", f"{label} said yes by phone", number),
                Option(f"no {person}", f"{label} said no", number),
            ]
    options += [Option("script", "Show what to read to them"), Option("later", "Nobody has decided yet")]
    while True:
        # Enter alone never decides: it may have been meant for the question before.
        chosen = prompts.select("Who has decided?", options, "later", live)
        if chosen == "later":
            raise NotNow
        if chosen == "script":
            prompts.show(screen.call_script(question.around.texts, wants.sheet))
            continue
        verdict, _, person = chosen.partition(" ")
        return _decision(verdict, person, wants, prompts, live, me)


def _decision(verdict: str, person: str, wants: shapes.SignOff, prompts: Prompts, live: Live, me: str) -> Json:
    reason = _reason("What must change? (goes back to the draft)", prompts, live) if verdict == "no" else ""
    if person == me:
        return {"person": person, "verdict": verdict, "proof": "present", "reason": reason}
    said = {
        "person": person,
        "verdict": verdict,
        "proof": "verbal",
        "heard_by": me,
        "read_back": True,
        "reason": reason,
    }
    if verdict == "yes":
        _heard_back(wants.sheet, prompts, live)
    return said


def _heard_back(sheet: str, prompts: Prompts, live: Live) -> None:
    """Only what the other person said proves that they heard these texts. Raises NotNow where nothing is typed."""
    prompt = "Read every text to them. Which fingerprint did they say back? (empty: not yet)"
    while said := prompts.text(prompt, "", live).strip():
        if screen.is_said_back(said, sheet):
            return
        prompts.show([Shown("That is not the fingerprint of this sheet: let them say it again.", "loud")])
    raise NotNow


def _release(question: Question, prompts: Prompts, live: Live) -> str:
    texts = question.around.texts
    prompts.show(screen.to_post(texts))
    options = [
        Option("post", "Post now: locks these texts, then asks for each link"),
        Option("whole", "Show every text in full"),
        Option("edit", "Edit again: needs a new approval for what changes"),
    ]
    default = "whole" if live.unasked else "post"
    while True:
        chosen = prompts.select(question.open_ask.ask.prompt, options, default, live)
        if chosen != "whole":
            return chosen
        prompts.show(screen.approved_in_full(texts))
        default = "post"


def _choice(ask: Ask, options: Mapping[str, str], prompts: Prompts, live: Live) -> Json:
    offered = [Option(key, label) for key, label in options.items()]
    if len(offered) == 1:  # otherwise there would be nothing to choose
        offered.append(Option(UNKNOWN, "Not now"))
    chosen = prompts.select(ask.prompt, offered, ask.suggested, live)
    if chosen == UNKNOWN:
        raise NotNow
    return chosen


def _only_in(prompt: str, wants: shapes.OnlyIn, prompts: Prompts, live: Live) -> Json:
    without, only = called(wants.without), called(wants.only)
    options = [
        Option("leave_out", f"Post only in {only}", f"{without} is left out here; needs a reason"),
        Option("keep", f"Keep {without}: it must be read, or go out without a full approval"),
    ]
    # Enter alone leaves nobody out.
    if prompts.select(prompt, options, "keep", live) == "keep":
        return {"keep": True}
    return {"leave_out": _reason(f"Why is {without} left out?", prompts, live)}


def _link(question: Question, wants: shapes.Link, prompts: Prompts, live: Live) -> Json:
    prompts.show(screen.to_copy(question.around.texts[0]))
    while True:
        done = "sent" if wants.line.channel in shapes.WITHOUT_ADDRESS else "posted there"
        said = prompts.text(f"{question.open_ask.ask.prompt} (- if it is not {done})", "", live).strip()
        if said == "-":
            reason = _reason("Why is it not posted there?", prompts, live)
            later = f"If it is posted there after all: crisis publish {wants.line.place} --link …"
            prompts.show([Shown(f"  {later} -i {question.around.scene.incident}", "quiet")])
            return {"left_out": reason}
        if said and not (why := wants.illegal({"link": said})):
            return {"link": said}
        empty = "That was empty. Only what you paste here makes it posted; type - if it is not posted there."
        prompts.show([Shown(sentence(why) if said else empty, "loud")])


def _accounts(prompt: str, wants: shapes.Accounts, prompts: Prompts, live: Live) -> Json:
    """The accounts that were ticked, with what shows it; where that was left empty, each is asked for."""
    offered = [Option(key, one_line(title)) for key, title in wants.accounts.items()]
    ticked = prompts.tick(prompt, offered, (), live)
    if wants.resume or len(ticked) < 2:
        return dict.fromkeys(ticked, "")
    how = "a line for all; Enter: nothing to add; each: asked one by one"
    said = prompts.text(f"Who stopped these {len(ticked)}, and where does one see it? ({how})", "", live).strip()
    return dict.fromkeys(ticked, "" if said.lower() == "each" else said or NOTHING_TO_ADD)


def _reach(question: Question, wants: shapes.Reach, prompts: Prompts, live: Live) -> str:
    contact = question.around.contacts.get(wants.person, "no number known")
    heard = question.around.beforehand
    prompts.show([Shown(f"  {one_line(one)}", "good") for one in heard])
    options = [
        Option("acknowledged", "Has it: acknowledged"),
        Option("no-answer", "No answer"),
        Option("nobody", "Cannot be called at all"),
    ]
    # Enter alone says of nobody that they have it, but of those who have been spoken to.
    default = "acknowledged" if heard else "no-answer"
    return prompts.select(f"{question.open_ask.ask.prompt} · {one_line(contact, 80)}", options, default, live)


def _export(ask: Ask, wants: shapes.Export, prompts: Prompts, live: Live) -> Json:
    if not wants.instead:
        said = prompts.text(f"{ask.prompt} (its path; empty: not now)", "", live)
        if not said.strip() and ask.optional:
            raise NotNow  # it is offered again
        return {"files": [said]} if said.strip() else {"not_now": ""}
    said = prompts.text(f"{ask.prompt} (its path; instead of {', '.join(wants.instead)})", "", live)
    if not said.strip():
        prompts.show([Shown("Name the right export. The menu offers something else.", "loud")])
        raise NotNow
    return {"files": [said]}


def all_the_same(files: Json, prompts: Prompts, live: Live) -> Json:
    """Whether files that ended long ago are meant: the answer that takes them, or None where another is to be named."""
    options = [Option("no", "No: name another"), Option("yes", "Yes: take it all the same")]
    return (
        {"files": files, "old": True} if prompts.select("Is that the export?", options, "no", live) == "yes" else None
    )


def _rows(question: Question, wants: shapes.Rows, prompts: Prompts, live: Live, now: Now) -> Json:
    """One row, from `what; who; by when`, as far as it was written."""
    while not (said := prompts.text(question.open_ask.ask.prompt, "", live)).strip():
        if not question.may_close or _is_over(question, prompts, live):
            return []
    row = dict(zip(wants.columns, (cell.strip() for cell in said.split(";")), strict=False))
    for column in row.keys() & set(wants.dates):
        prompt = f"{wants.columns[column]}? ({days_to_come(now().date())}; empty: open)"
        row[column] = _day(row[column], prompt, prompts, live, now)
    return [row]


def _is_over(question: Question, prompts: Prompts, live: Live) -> bool:
    """Whether an empty line was meant to end it, and the incident with it: it is not opened again."""
    prompts.show(screen.left_at_the_close(question.around.scene))
    options = [Option("close", "Close it: afterwards only notes can be added"), Option("more", "Not yet")]
    return prompts.select("Nothing more? Then the incident is closed.", options, None, live) == "close"


def _day(said: str, prompt: str, prompts: Prompts, live: Live, now: Now) -> str:
    """A day, or nothing where it is left open."""
    while said:
        try:
            return coming_day(said, now().date()).isoformat()
        except ValueError as error:
            prompts.show([Shown(str(error), "loud")])
            said = prompts.text(prompt, "", live).strip()
    return ""
