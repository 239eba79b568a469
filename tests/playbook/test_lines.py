"""Keys and entries are found where they stand, in every way that TOML can write them."""

import tomllib

from throughline.playbook.lines import lines_of

TEXT = '''# a remark with = and [brackets]
name = "a # that is no remark"

[one.two]
"quoted key" = 1
dotted.key = 2.5

[[many]]
code = "first"

[[many.inner]]
list = [
  "x", # [not a list]

  { a = 1, b = [2, 3] },
]

[[many]]
text = """
code = "not a key"
[[many]]
""""
after = true
'''

EXPECTED = {
    (): 1,
    ("name",): 2,
    ("one",): 4,
    ("one", "two"): 4,
    ("one", "two", "quoted key"): 5,
    ("one", "two", "dotted"): 6,
    ("one", "two", "dotted", "key"): 6,
    ("many",): 8,
    ("many", 0): 8,
    ("many", 0, "code"): 9,
    ("many", 0, "inner"): 11,
    ("many", 0, "inner", 0): 11,
    ("many", 0, "inner", 0, "list"): 12,
    ("many", 0, "inner", 0, "list", 0): 13,
    ("many", 0, "inner", 0, "list", 1): 15,
    ("many", 0, "inner", 0, "list", 1, "a"): 15,
    ("many", 0, "inner", 0, "list", 1, "b"): 15,
    ("many", 0, "inner", 0, "list", 1, "b", 0): 15,
    ("many", 0, "inner", 0, "list", 1, "b", 1): 15,
    ("many", 1): 18,
    ("many", 1, "text"): 19,
    ("many", 1, "after"): 23,
}


def paths(said, at=()):
    yield at
    if isinstance(said, dict):
        for key, value in said.items():
            yield from paths(value, (*at, key))
    if isinstance(said, list):
        for index, value in enumerate(said):
            yield from paths(value, (*at, index))


def test_lines_of_every_way_to_write_a_key_finds_its_line():
    assert lines_of(TEXT) == EXPECTED


def test_lines_of_the_shipped_playbook_finds_every_key_and_entry(shipped_text):
    assert set(lines_of(shipped_text)) == set(paths(tomllib.loads(shipped_text)))
