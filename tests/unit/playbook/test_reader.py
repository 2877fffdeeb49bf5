from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crisis.kernel.diagnostics import Position
from crisis.playbook import guard
from crisis.playbook.reader import Document, Source, read
from crisis.playbook.reader_text import MAX_BYTES, MAX_FINDINGS

if TYPE_CHECKING:
    from crisis.kernel.diagnostics import Finding, Path
    from crisis.playbook.reader import Value

PARSERS = [pytest.param(yaml.SafeLoader, id="python")]
if hasattr(yaml, "CSafeLoader"):
    PARSERS.append(pytest.param(yaml.CSafeLoader, id="c"))


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers must give the same answers, for the C one may be missing."""
    monkeypatch.setattr(guard, "_PARSER", request.param)


def reading(text: str) -> tuple[Document | None, tuple[Finding, ...]]:
    return read("book.yaml", text.encode())


def document(text: str) -> Document:
    found, findings = reading(text)
    assert findings == ()
    assert found is not None
    return found


def problems(text: str) -> list[tuple[str, int, int]]:
    return [(f.diagnostic.code, f.position.line, f.position.column) for f in reading(text)[1]]


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("parser")
def test_words_that_other_readers_turn_into_something_else_stay_text() -> None:
    words = ["NO", "no", "22:00", "15:30", "0o14", "0x1F", "1_000", ".inf", "2026-10-01", "true", "1.0", "15m", "="]
    assert document("".join(f"- {word}\n" for word in words)).data == words


@pytest.mark.usefixtures("parser")
def test_on_and_yes_and_numbers_are_ordinary_keys() -> None:
    assert document("on: {yes: a}\n22:00: b\n1: c\n").data == {"on": {"yes": "a"}, "22:00": "b", "1": "c"}


@pytest.mark.usefixtures("parser")
def test_only_the_five_plain_null_forms_mean_nothing() -> None:
    data = document("a:\nb: ~\nc: null\nd: Null\ne: NULL\n").data
    assert data == dict.fromkeys("abcde")
    assert document("- 'null'\n- \"~\"\n- ''\n- nULL\n- none\n- |\n  null\n").data == [
        "null", "~", "", "nULL", "none", "null\n",
    ]  # fmt: skip


@pytest.mark.usefixtures("parser")
def test_block_and_flow_style_read_the_same() -> None:
    assert document("a:\n  - b\n  - c: d\n").data == document("{a: [b, {c: d}]}").data == {"a": ["b", {"c": "d"}]}


@pytest.mark.usefixtures("parser")
def test_columns_count_code_points() -> None:
    found = document("title: Kød\n𝄞é: [ø, 𝄞𝄞, b]\n")
    assert found.locate(("title",)) == Position("book.yaml", 1, 8)
    assert found.locate(("𝄞é",), key=True) == Position("book.yaml", 2, 1)
    assert found.locate(("𝄞é", 2)) == Position("book.yaml", 2, 13)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.usefixtures("parser")
def test_every_line_ending_counts_as_one_line(line_break: str) -> None:
    found, findings = reading(line_break.join(["a: b", "", "c: d", "c: e"]))
    assert found is not None
    assert found.locate(("c",)) == Position("book.yaml", 3, 4)
    assert [(f.position.line, f.source_line) for f in findings] == [(4, "c: e")]


def test_a_byte_order_mark_is_ignored() -> None:
    found, findings = read("book.yaml", b"\xef\xbb\xbfa: b\n")
    assert findings == ()
    assert found is not None
    assert found.data == {"a": "b"}
    assert found.locate(("a",), key=True) == Position("book.yaml", 1, 1)


def test_an_unknown_path_is_located_at_its_nearest_ancestor() -> None:
    found = document("steps:\n  - id: a\n")
    assert found.locate(("steps", 0, "role")) == Position("book.yaml", 2, 5)
    assert found.locate(("steps", 0, "role"), key=True) == Position("book.yaml", 2, 5)
    assert found.locate(("nowhere", 7, "at all")) == Position("book.yaml", 1, 1)


def test_a_document_without_places_is_located_at_its_first_file() -> None:
    assert Document(None, {}, {}, {"a.yaml": Source("a.yaml", "")}).locate(("x",)) == Position("a.yaml", 1, 1)
    assert Document(None, {}, {}, {}).locate(()) == Position("", 1, 1)


def test_a_source_line_is_safe_cut_and_empty_outside_the_file() -> None:
    source = Source("book.yaml", "a: \x1b[31m\n" + "x" * 5_000)
    assert source.line(1) == "a: \\u{1b}[31m"
    assert len(source.line(2)) < 200
    assert [source.line(n) for n in (-1, 0, 3)] == ["", "", ""]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.usefixtures("parser")
def test_all_duplicate_keys_are_found_and_the_first_is_kept() -> None:
    text = "a: 1\nb:\n  c: 1\n  c: {d: 2, d: 3}\na: 4\na: [{e: 5, e: 6}]\n"
    found, findings = reading(text)
    assert [(f.diagnostic.code, f.position.line, f.position.column, f.diagnostic.path) for f in findings] == [
        ("yaml-duplicate-key", 4, 3, ("b", "c")),
        ("yaml-duplicate-key", 4, 13, ("b", "c", "d")),
        ("yaml-duplicate-key", 5, 1, ("a",)),
        ("yaml-duplicate-key", 6, 1, ("a",)),
        ("yaml-duplicate-key", 6, 12, ("a", 0, "e")),
    ]
    assert "first on line 1" in findings[2].diagnostic.message
    assert found is not None
    assert found.data == {"a": "1", "b": {"c": "1"}}
    assert set(found.positions) == {(), ("a",), ("b",), ("b", "c")}
    assert found.locate(("a",)) == Position("book.yaml", 1, 4)


@pytest.mark.usefixtures("parser")
def test_keys_that_are_not_text_are_found_and_left_out() -> None:
    text = "? [a, b]\n: c\n~: d\n?\n: e\nf: g\n? {h: i}\nnull: [j, {k: l}]\n'null': m\n"
    found, findings = reading(text)
    places = [(f.diagnostic.code, f.position.line, f.position.column) for f in findings]
    assert places == [("yaml-key-not-text", n, c) for n, c in ((1, 3), (3, 1), (4, 2), (7, 3), (8, 1))]
    assert found is not None
    assert found.data == {"f": "g", "null": "m"}
    assert set(found.positions) == {(), ("f",), ("null",)}


@pytest.mark.usefixtures("parser")
def test_aliases_and_merge_keys_leave_no_document() -> None:
    found, findings = reading("a: &x {b: c}\nd: *x\ne:\n  <<: *x\n*x : f\n")
    assert found is None
    assert [(f.diagnostic.code, f.position.line, f.position.column) for f in findings] == [
        ("yaml-alias", 1, 4),
        ("yaml-alias", 2, 4),
        ("yaml-merge-key", 4, 3),
        ("yaml-alias", 4, 7),
        ("yaml-alias", 5, 1),
    ]
    assert "extends" in findings[2].diagnostic.hint


@pytest.mark.usefixtures("parser")
def test_an_anchor_that_nothing_repeats_is_an_error_beside_the_document() -> None:
    found, findings = reading("a: &x b\n")
    assert [f.diagnostic.code for f in findings] == ["yaml-alias"]
    assert found is not None
    assert found.data == {"a": "b"}


@pytest.mark.usefixtures("parser")
def test_a_quoted_merge_sign_is_an_ordinary_key() -> None:
    assert document('"<<": a\n').data == {"<<": "a"}


@pytest.mark.usefixtures("parser")
def test_every_tag_is_refused_and_its_value_kept() -> None:
    found, findings = reading("a: !!str 1\nb: !!python/object:os.system ls\nc: !mine {d: ! e}\n!!int f: g\n")
    assert [(f.diagnostic.code, f.position.line, f.position.column) for f in findings] == [
        ("yaml-tag", 1, 4),
        ("yaml-tag", 2, 4),
        ("yaml-tag", 3, 4),
        ("yaml-tag", 3, 14),
        ("yaml-tag", 4, 1),
    ]
    assert findings[0].diagnostic.message.startswith("!!str ")
    assert found is not None
    assert found.data == {"a": "1", "b": "ls", "c": {"d": "e"}, "f": "g"}


@pytest.mark.usefixtures("parser")
def test_a_second_document_is_found_and_the_first_is_read() -> None:
    found, findings = reading("---\na: b\n---\nc: d\n")
    assert [(f.diagnostic.code, f.position.line) for f in findings] == [("yaml-several-documents", 3)]
    assert found is not None
    assert found.data == {"a": "b"}
    assert document("---\na: b\n...\n").data == {"a": "b"}


@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment\n", "---", "---\n", "--- ~\n", "null\n"])
@pytest.mark.usefixtures("parser")
def test_a_file_without_a_document_is_empty(text: str) -> None:
    found, findings = reading(text)
    assert found is None
    assert [f.diagnostic.code for f in findings] == ["yaml-empty"]


@pytest.mark.usefixtures("parser")
def test_a_lone_alias_is_not_called_empty() -> None:
    assert problems("--- &x\n") == [("yaml-alias", 1, 5), ("yaml-empty", 1, 5)]
    assert {code for code, _, _ in problems("- *x\n")} == {"yaml-alias"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n\tb: c\n", (2, 1)),
        ("a:\n  b: c\n\td: e\n", (3, 1)),
        ("a:\n  b: c\n  \td: e\n  f: [\n", (3, 3)),
        ("- a\n-\tb: c\n", (2, 2)),
        ("a: b\n\t# note\n", (2, 1)),
        ("a: b\n \tc: d\n", (2, 2)),
    ],
)
@pytest.mark.usefixtures("parser")
def test_a_tab_that_indents_is_found_where_it_stands(text: str, place: tuple[int, int]) -> None:
    assert problems(text) == [("yaml-tab", *place)]


@pytest.mark.usefixtures("parser")
def test_a_tab_finding_counts_the_other_lines_that_need_the_same() -> None:
    message = reading("a:\n\tb: c\n\td: e\n \tf: g\n\n\t\n")[1][0].diagnostic.message
    assert "(2 other lines begin with one)" in message
    assert "(1 other line begins with one)" in reading("a:\n\tb: c\n\td: e\n")[1][0].diagnostic.message
    assert "other" not in reading("a:\n\tb: c\n")[1][0].diagnostic.message


@pytest.mark.usefixtures("parser")
def test_tabs_inside_texts_are_no_problem() -> None:
    assert document("c: 'd\te'\nf: |\n  g\n  \th\n").data == {"c": "d\te", "f": "g\n\th\n"}


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("a: b\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "a: b\n".encode("utf-16-be"), "UTF-16"),
        ("a: b\n".encode("utf-32"), "UTF-32"),
        (b"\0\0\xfe\xff" + "a: b\n".encode("utf-32-be"), "UTF-32"),
        ("# é\na: b\n".encode("utf-16-le"), "UTF-16LE"),
        ("# é\na: b\n".encode("utf-16-be"), "UTF-16BE"),
        ("a: b\n".encode("utf-32-le"), "UTF-32LE"),
        ("a: b\n".encode("utf-32-be"), "UTF-32BE"),
    ],
)
def test_another_unicode_encoding_is_named_with_the_way_to_convert_it(raw: bytes, encoding: str) -> None:
    found, (finding,) = read("book.yaml", raw)
    assert found is None
    assert finding.diagnostic.code == "yaml-not-utf8"
    assert f"in {encoding}," in finding.diagnostic.message
    assert f"iconv -f {encoding} -t UTF-8" in finding.diagnostic.hint


def test_bytes_that_are_no_characters_are_found_where_they_stand() -> None:
    found, (finding,) = read("book.yaml", "a: bø\nc: ø".encode() + b"\xe9x\n")
    assert found is None
    assert (finding.diagnostic.code, finding.position) == ("yaml-not-utf8", Position("book.yaml", 2, 5))
    assert "0xe9" in finding.diagnostic.message
    assert finding.source_line == "c: ø�x"


def test_zero_bytes_make_a_file_binary() -> None:
    found, (finding,) = read("book.yaml", b"\x7fELF\x02\n\x01\0\0\0\xff\xff")
    assert found is None
    assert (finding.diagnostic.code, finding.position) == ("yaml-binary", Position("book.yaml", 2, 2))


def test_all_control_characters_and_line_separators_are_found_in_their_order() -> None:
    assert problems("a: \x1bb\nc: d\u2028\ne: \x85f\n%TAG ! x\ng: \x7f\ufffe\n") == [
        ("yaml-binary", 1, 4),
        ("yaml-line-separator", 2, 5),
        ("yaml-line-separator", 3, 4),
        ("yaml-directive", 4, 1),
        ("yaml-binary", 5, 4),
        ("yaml-binary", 5, 5),
    ]


@pytest.mark.parametrize("text", ["%YAML 1.2\n---\na: b\n", "a: b\n...\n%TAG ! tag:x,2026:\n--- c\n", "a: b\r%x"])
def test_orders_to_the_parser_are_refused(text: str) -> None:
    assert [code for code, _, _ in problems(text)] == ["yaml-directive"]


@pytest.mark.parametrize(
    ("text", "place", "warns"),
    [
        ("tag: #recall\n", (1, 6), "there is no value"),
        ("- #recall\n", (1, 3), "there is no value"),
        ("title: Recall of kettle  #3 today\n", (1, 26), "the text ends at 'Recall of kettle'"),
        ("a: [b #c\n ]\n", (1, 7), "the text ends at 'b'"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_a_hash_that_swallows_text_is_a_warning(text: str, place: tuple[int, int], warns: str) -> None:
    found, (finding,) = reading(text)
    assert found is not None
    assert (finding.diagnostic.code, finding.position) == ("yaml-hash-comment", Position("book.yaml", *place))
    assert warns in finding.diagnostic.message
    assert not finding.is_error


@pytest.mark.usefixtures("parser")
def test_ordinary_comments_and_hashes_within_texts_give_no_warning() -> None:
    document('a: b # note #x\nc: "d #e"\nf: g#h\n#i\nj: "k" #l\nm: #n\n  o: p\nq: |\n  r #s\n')


def test_warnings_never_cost_the_document() -> None:
    found, findings = reading("- a #b\n" * 200)
    assert found is not None
    assert len(findings) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: @brand\n", (1, 4), "cannot begin with @"),
        ("a: `x`\n", (1, 4), "cannot begin with `"),
        ("a: b: c\n", (1, 5), "a colon makes a key"),
        ("a: b\n  c: d\n", (2, 4), "a colon makes a key"),
        ("a: b\nfoo\nc: d\n", (2, 1), "neither 'key: value' nor a list item"),
        ('a: "x" y\n', (1, 8), "more follows a value that has ended"),
        ("a: 'it's'\n", (1, 8), "more follows a value that has ended"),
        ("a:\n   b: c\n  d: e\n", (3, 3), "indented unlike"),
        ("a: b\n- c\n", (2, 1), "a list item stands among keys"),
        ("a: b\n: c\n", (2, 1), "without a key before it"),
        ("- a\nb: c\n", (2, 1), "does not begin with '- '"),
        ("a: [b,\n  {c: d}\n", (1, 4), "a bracket is opened here and never closed"),
        ("[", (1, 1), "a bracket is opened here and never closed"),
        ("a: [b\n c: d]\n", (2, 3), "opens with [ is not closed"),
        ("a: {b: c\n\n# end", (1, 4), "a bracket is opened here"),
        ("a: {b: c\n\n\n", (1, 4), "a bracket is opened here"),
        ("a: {b: c\n d: e}", (2, 3), "opens with { is not closed"),
        ('a: "x\nb: c\n', (1, 4), "a quote is opened here"),
        ("a: 'x\n---\nb: c\n", (1, 4), "a quote is opened here"),
        ('a: "\\x"\n', (1, 7), "backslash"),
        ("a: - b\n", (1, 4), "a list item cannot begin here"),
        ("a: ? b\n", (1, 4), "a '? ' cannot stand here"),
        ("a: | b\n  c\n", (1, 6), "nothing but a line break may follow"),
        ("a: ]\n", (1, 4), "a value should stand here"),
        ("{a: b}}\n", (1, 7), "the document ends above"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_is_not_yaml_is_explained_in_plain_words(text: str, place: tuple[int, int], says: str) -> None:
    found, (finding,) = reading(text)
    assert found is None
    assert (finding.diagnostic.code, finding.position) == ("yaml-syntax", Position("book.yaml", *place))
    assert says in finding.diagnostic.message
    assert finding.diagnostic.hint
    assert finding.source_line == text.split("\n")[place[0] - 1]


@pytest.mark.parametrize("text", ["a: **bold**\n", "* item\n", "a: & b\n"])
@pytest.mark.usefixtures("parser")
def test_marks_of_other_notations_are_told_apart_from_aliases(text: str) -> None:
    (finding,) = reading(text)[1]
    assert finding.diagnostic.code == "yaml-alias"
    assert "a text cannot begin with" in finding.diagnostic.message


@pytest.mark.usefixtures("parser")
def test_a_tag_that_no_parser_knows_is_a_tag_finding() -> None:
    assert problems("a: !x!y z\n") == [("yaml-tag", 1, 4)]


@pytest.mark.parametrize("escape", ["\\q", "\\uD800", "\\UFFFFFFFF", "\\UDFFFFFFF"])
@pytest.mark.usefixtures("parser")
def test_impossible_escapes_are_found(escape: str) -> None:
    found, (finding,) = reading(f'a: b\nc: "{escape}"\n')
    assert found is None
    assert finding.diagnostic.code == "yaml-syntax"
    assert "backslash" in finding.diagnostic.message


@pytest.mark.usefixtures("parser")
def test_problems_found_before_the_syntax_breaks_are_kept() -> None:
    assert problems("a: 1\na: 2\nb: @c\n") == [("yaml-duplicate-key", 2, 1), ("yaml-syntax", 3, 4)]


# --- what is bounded ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[" * 60_000, "yaml-too-deep", id="brackets"),
        pytest.param("{a: " * 15_000, "yaml-too-deep", id="braces"),
        pytest.param("- " * 30_000, "yaml-too-deep", id="dashes"),
        pytest.param("? " * 30_000, "yaml-too-deep", id="question marks"),
        pytest.param("".join(" " * n + "a:\n" for n in range(340)), "yaml-too-deep", id="indentation"),
        pytest.param("a: b\n" * 1_000_000, "yaml-too-large", id="five megabytes"),
        pytest.param("- a\n" * 300_000, "yaml-too-large", id="300,000 values"),
        pytest.param("- a\n" * 60_000, "yaml-too-many-nodes", id="60,000 values"),
        pytest.param("a: " + "x" * 250_000, "yaml-scalar-too-long", id="plain"),
        pytest.param("ø" * 33_000 + ": a\n", "yaml-scalar-too-long", id="long plain key"),
        pytest.param("? " + "ø" * 33_000 + "\n: a\n", "yaml-scalar-too-long", id="long explicit key"),
        pytest.param("a: |\n" + " x\n" * 80_000, "yaml-scalar-too-long", id="block text"),
        pytest.param("a: b\n" * 50_000, "yaml-too-many-problems", id="duplicates"),
        pytest.param("- a " + " " * 250_000, None, id="a long line of blanks"),
        pytest.param("a:\n" + "\t" * 250_000, "yaml-tab", id="a long line of tabs"),
        pytest.param("".join(f"%TAG !{n}! b\n" for n in range(16_000)) + "--- a", "yaml-directive", id="tag table"),
        pytest.param("\u2028" * 80_000, "yaml-line-separator", id="separators"),
    ],
)
def test_a_hostile_file_is_refused_before_it_costs_anything(text: str, code: str | None) -> None:
    found, findings = reading(text)
    assert len(findings) <= MAX_FINDINGS + 1
    if code is None:
        assert found is not None
    else:
        assert found is None
        assert findings[-1].diagnostic.code == code
        assert len(findings[-1].source_line) < 250


def test_aliases_are_never_expanded() -> None:
    names = "abcdefghijk"
    text = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise(names)
    )
    found, findings = reading(text)
    assert found is None
    assert {f.diagnostic.code for f in findings} == {"yaml-alias", "yaml-too-many-problems"}


def test_merge_keys_are_never_resolved() -> None:
    text = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9))
    found, findings = reading(text)
    assert found is None
    assert "yaml-merge-key" in {f.diagnostic.code for f in findings}


def test_the_limits_themselves_are_allowed() -> None:
    depth = guard.MAX_DEPTH
    assert document("[" * depth + "]" * depth).data is not None
    assert [code for code, _, _ in problems("[" * (depth + 1) + "]" * (depth + 1))] == ["yaml-too-deep"]
    nodes = guard.MAX_NODES
    assert len(document("- a\n" * (nodes - 1)).positions) == nodes
    assert [code for code, _, _ in problems("- a\n" * nodes)] == ["yaml-too-many-nodes"]
    size = guard.MAX_SCALAR_BYTES
    assert document("x" * size).data == "x" * size
    assert [code for code, _, _ in problems("x" * (size + 1))] == ["yaml-scalar-too-long"]
    assert document("a: b\n" + "#" * (MAX_BYTES - 5)).data == {"a": "b"}
    assert [code for code, _, _ in problems("a: b\n" + "#" * (MAX_BYTES - 4))] == ["yaml-too-large"]


# --- promises -------------------------------------------------------------------------------------

WORDS = st.from_regex(r"[a-zæøå][a-z_æøå𝄞é.-]{0,8}", fullmatch=True).filter(lambda word: word != "null")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), max_size=12)
TREES: st.SearchStrategy[Value] = st.recursive(
    st.none() | WORDS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | TEXTS, inner, max_size=4),
    max_leaves=20,
)


class Writer:
    """Writes data as block-style YAML and notes where each value and each key went."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.values: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}

    def scalar(self, value: str | None) -> str:
        if value is None:
            return "~"
        plain = value.isalpha() and value.islower() and value != "null"
        return value if plain else json.dumps(value, ensure_ascii=False)

    def here(self, line: str) -> Position:
        return Position("book.yaml", len(self.lines) + 1, len(line) + 1)

    def write(self, value: Value, path: Path, line: str, indent: int) -> None:
        """Add `value` to the open `line`, or below it; `indent` is for what goes below."""
        if isinstance(value, dict | list) and value:
            if line.strip() and not line.endswith("- "):
                self.lines.append(line)
                line = " " * indent
            self.values[path] = self.here(line)
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in entries:
                if isinstance(key, str):
                    self.keys[(*path, key)] = self.here(line)
                    line += f"{self.scalar(key)}: "
                else:
                    line += "- "
                self.write(item, (*path, key), line, indent + 2)
                line = " " * indent
        else:
            self.values[path] = self.here(line)
            shown = json.dumps(value) if isinstance(value, dict | list) else self.scalar(value)
            self.lines.append(line + shown)


@given(data=TREES.filter(lambda data: data is not None))
def test_data_written_as_yaml_is_read_back_with_the_place_of_every_value_and_key(data: Value) -> None:
    writer = Writer()
    writer.write(data, (), "", 0)
    found = document("\n".join(writer.lines))
    assert found.data == data
    assert found.positions == writer.values
    assert found.keys == writer.keys


@given(data=TREES.filter(lambda data: data is not None))
def test_what_pyyaml_writes_is_read_back_the_same(data: Value) -> None:
    text = yaml.safe_dump(data, default_flow_style=False, allow_unicode=True, sort_keys=False)
    assert document(text).data == data


@given(raw=st.binary(max_size=200))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    found, findings = read("book.yaml", raw)
    assert found is not None or findings


TROUBLE = "a b : , # & * ! | > ' [ ] { } % @ ` ~ \\ 1 é << <<: !!str --- ... \t \r \u2028 \x00 \ufeff"
FRAGMENTS = st.sampled_from(
    [*TROUBLE.split(" "), "\n", "  ", ": ", "- ", "? ", " #x", '"', "\\u00", "\n---\n", "\n...\n"]
)


@given(text=st.lists(FRAGMENTS, max_size=40).map("".join))
def test_no_text_makes_it_raise_and_every_finding_can_be_shown(text: str) -> None:
    found, findings = reading(text)
    assert found is not None or any(f.is_error for f in findings)
    for finding in findings:
        assert finding.diagnostic.code.startswith("yaml-")
        assert finding.diagnostic.message
        assert finding.diagnostic.hint
        assert finding.position.line >= 1
        assert finding.position.column >= 1
        assert finding.position.line <= text.count("\n") + text.count("\r") + 1


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="needs both parsers")
@given(text=st.lists(FRAGMENTS, max_size=12).map("".join))
def test_the_parser_written_in_python_never_raises_either(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_PARSER", yaml.SafeLoader)
        found, findings = reading(text)
    assert found is not None or any(f.is_error for f in findings)
