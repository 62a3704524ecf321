"""Reading scenarios: whatever is wrong, one sentence says where and what was expected."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.errors import Exit, InputError
from wlra_dist.instances import LowerBound
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import find, load

BASE = """about = "a small one"
[instance]
kind = "synthetic"
n = 8
d = 6
k = 1
"""
DIGITS = "9" * 5000


def read(directory: Path, text: str | bytes, *settings: str) -> Scenario:
    path = directory / "small.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, settings)


def refused(directory: Path, text: str | bytes, *settings: str) -> str:
    """The sentence of the refusal."""
    with pytest.raises(InputError) as caught:
        read(directory, text, *settings)
    assert caught.value.exit_code == Exit.INPUT
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def test_a_minimal_scenario_has_all_defaults(tmp_path: Path):
    scenario = read(tmp_path, BASE)
    assert (scenario.name, scenario.about, scenario.kind) == ("small", "a small one", "synthetic")
    assert (scenario.game.servers, scenario.protocol.name, scenario.protocol.epsilon) == (4, "auto", 0.1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("n = 8", "n = 1.0"), "[instance] n: expected a valid integer, got 1.0"),
        (("n = 8", "n = true"), "[instance] n: expected a valid integer, got True"),
        (("n = 8", 'n = "3"'), "[instance] n: expected a valid integer, got '3'"),
        (("n = 8", "n = [8]"), "[instance] n: expected a valid integer, got [8]"),
        (("n = 8", "n = 1979-05-27"), "[instance] n: expected a valid integer, got datetime.date"),
        (("n = 8", "n = 0"), "[instance] n: expected greater than or equal to 1, got 0"),
        (("n = 8", "n = -8"), "[instance] n: expected greater than or equal to 1, got -8"),
        (("n = 8", "n = 99999999999999999999"), "[instance] n: expected less than or equal to 10000000, got 999"),
        (("n = 8", f"n = {list(range(999))}"), "…"),
        (("n = 8", "n = 0x" + "f" * 5000), "got an integer of thousands of digits"),
        (("n = 8", ""), "[instance] n is missing"),
        (("k = 1", "k = 6"), "[instance] the target rank k = 6 must be less than min(n, d) = 6"),
        (("n = 8", "n = 8\nnoize = 1.0"), "[instance] has no key 'noize' (did you mean 'noise'?)"),
        (("n = 8", "n = 8\nnoise = nan"), "[instance] noise: expected less than or equal to 1000000, got nan"),
        (("n = 8", "n = 8\nnoise = inf"), "[instance] noise: expected less than or equal to 1000000, got inf"),
        (("n = 8", "n = 8\nnoise = -inf"), "[instance] noise: expected greater than or equal to 0, got -inf"),
        (("synthetic", "syntetic"), "[instance] kind is 'syntetic'; expected one of "),
        (("synthetic", "syntetic"), "(did you mean 'synthetic'?)"),
        (('"synthetic"', '["synthetic"]'), "[instance] kind is ['synthetic']; expected one of "),
        (('kind = "synthetic"', ""), "[instance] kind is missing; expected one of lower_bound, "),
        (('"a small one"', "3"), "about must be a text, got 3"),
        (("about", "abuot"), "there is no key 'abuot' outside the tables [instance], [game], [protocol]"),
    ],
)
def test_a_fault_of_the_instance_names_file_table_and_key(tmp_path: Path, change: tuple[str, str], says: str):
    sentence = refused(tmp_path, BASE.replace(*change))
    assert sentence.startswith(f"{tmp_path / 'small.toml'}: ")
    assert says in sentence
    assert len(sentence) < 400


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[gmae]\nservers = 3", "there is no table [gmae] (did you mean 'game'?)"),
        ('[game]\ncoins = "pubic"', "[game] coins: expected 'public' or 'private', got 'pubic'"),
        ("[game]\nservers = 0", "[game] servers: expected greater than or equal to 1, got 0"),
        ("[game]\nserver = 2", "[game] has no key 'server' (did you mean 'servers'?)"),
        ("[protocol]\nepsilon = 0", "[protocol] epsilon: expected greater than or equal to 0.000000001, got 0"),
        (
            "[protocol]\nepsilon = 1e-310",
            "[protocol] epsilon: expected greater than or equal to 0.000000001, got 1e-310",
        ),
        ("[protocol]\nepsilon = nan", "[protocol] epsilon: expected less than or equal to 1000, got nan"),
        ("[protocol]\ncolumns = 0", "[protocol] columns: expected greater than or equal to 1, got 0"),
        ('[protocol]\nname = "one_rond"', "[protocol] name is 'one_rond'; expected one of local_budget, "),
        ('[protocol]\nname = "one_rond"', "(did you mean 'one_round'?)"),
        ("[protocol]\nname = 3", "[protocol] name: expected a valid string, got 3"),
        ('[protocol]\nselector = "greedi"', "[protocol] selector is 'greedi'; expected one of auto, "),
        ("[protocol]\nselector = 3", "[protocol] selector: expected a valid string or a valid dictionary, got 3"),
        ("[protocol.selector]\nname = []", "[protocol] selector is []; expected one of "),
        ("[protocol.selector]\noversampling = 8", "[protocol] selector is missing; expected one of "),
        (
            '[protocol.selector]\nname = "sketched_qr"\noversmpling = 8',
            "[protocol.selector] has no key 'oversmpling' (did you mean 'oversampling'?)",
        ),
        (
            '[protocol.selector]\nname = "sketched_qr"\noversampling = 1000',
            "[protocol.selector] oversampling: expected less than or equal to 64, got 1000",
        ),
        (
            '[game]\nservers = 3\n[protocol]\nname = "one_way"',
            "one_way is a game of two: set [game] servers = 1 (got 3)",
        ),
    ],
)
def test_a_fault_of_the_game_names_table_and_key(tmp_path: Path, more: str, says: str):
    assert says in refused(tmp_path, BASE + more)


@pytest.mark.parametrize("table", ["instance", "game", "protocol"])
@pytest.mark.parametrize("value", ["3", '"x"', "[1]", "true"])
def test_a_table_must_be_a_table(tmp_path: Path, table: str, value: str):
    assert f"[{table}] must be a table, got" in refused(tmp_path, f"{table} = {value}")


def test_all_faults_are_told_at_once(tmp_path: Path):
    faulty = BASE.replace("n = 8", 'n = "a"').replace("d = 6", "d = -1") + "zz = 1\n[game]\nservers = 0\n"
    sentence = refused(tmp_path, faulty)
    for key in ("n: ", "d: ", "'zz'", "servers: "):
        assert key in sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = = 3",
        BASE + "n = 9",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + BASE.encode(),
        "a = " + "[" * 5000,
        f"n = {DIGITS}",
    ],
)
def test_what_is_not_a_scenario_is_an_input_error(tmp_path: Path, text: str | bytes):
    assert str(tmp_path) in refused(tmp_path, text)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=100)
def test_so_is_any_noise(tmp_path_factory: pytest.TempPathFactory, noise: bytes):
    assert refused(tmp_path_factory.getbasetemp(), noise)


@given(
    st.dictionaries(
        st.sampled_from(["n", "d", "k", "r", "s", "noise", "weights", "seed", "kind"]),
        st.one_of(
            st.integers().map(str),
            st.floats(allow_nan=False).map(repr),
            st.sampled_from(["nan", "-inf", "true", '"x"', '"mask"', "[[1]]", "{a = 1}"]),
        ),
        max_size=4,
    )
)
@settings(max_examples=100)
def test_any_values_are_a_scenario_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, changes: dict):
    usual = {"kind": '"synthetic"', "n": "8", "d": "6", "k": "1"} | changes
    text = "[instance]\n" + "\n".join(f"{key} = {value}" for key, value in usual.items())
    try:
        scenario = read(tmp_path_factory.getbasetemp(), text)
    except InputError:
        return
    assert Scenario.from_json(scenario.to_json()) == scenario


@pytest.mark.parametrize("name", ["nothing.toml", ".", "small.toml/x"])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str):
    (tmp_path / "small.toml").write_text(BASE)
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / name)


# --set


@pytest.mark.parametrize(
    ("setting", "table", "key", "value"),
    [
        ("game.servers=8", "game", "servers", 8),
        ("servers=8", "game", "servers", 8),
        (" servers = 8", "game", "servers", 8),
        ("servers=1_000", "game", "servers", 1000),
        ("k=2", "instance", "k", 2),
        ("integer=true", "instance", "integer", True),
        ("noise=0.5", "instance", "noise", 0.5),
        ("weights=mask", "instance", "weights", "mask"),
        ('weights="mask"', "instance", "weights", "mask"),
        ("instance.seed=3", "instance", "seed", 3),
        ("game.seed=3", "game", "seed", 3),
        ("name=raw", "protocol", "name", "raw"),
        ("selector=greedy", "protocol", "selector", "greedy"),
        ("protocol.selector.name=greedy", "protocol", "selector", {"name": "greedy"}),
        (
            'selector={name = "sketched_qr", oversampling = 8}',
            "protocol",
            "selector",
            {"name": "sketched_qr", "oversampling": 8},
        ),
    ],
)
def test_settings_go_over_the_file(tmp_path: Path, setting: str, table: str, key: str, value: Any):
    assert getattr(getattr(read(tmp_path, BASE, setting), table), key) == value


def test_a_later_setting_goes_over_an_earlier_one(tmp_path: Path):
    assert read(tmp_path, BASE, "servers=8", "servers=9").game.servers == 9


def test_a_setting_may_change_the_kind_and_then_its_keys(tmp_path: Path):
    bare = BASE.replace("n = 8\nd = 6\n", "")
    scenario = read(tmp_path, bare, "kind=lower_bound", "s=4", "r=2")
    assert scenario.facts()["instance"] == {"kind": "lower_bound", **asdict(LowerBound(s=4, r=2, k=1))}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("servers", "--set expects key=value, got 'servers'; try --set game.servers=8"),
        ("seed=3", "several tables have this key; say instance.seed or game.seed"),
        ("serves=3", "--set serves=…: no table has this key (did you mean 'servers'?)"),
        ("=3", "no table has this key"),
        ("game.serves=3", "[game] has no key 'serves' (did you mean 'servers'?)"),
        ("gmae.servers=3", "there is no table [gmae] (did you mean 'game'?)"),
        ("servers=eight", "[game] servers: expected a valid integer, got 'eight'"),
        ("servers=", "[game] servers: expected a valid integer, got ''"),
        ("servers=8\nseed = 3", "[game] servers: expected a valid integer, got '8\\nseed = 3'"),
        (f"servers={DIGITS}", "[game] servers: expected a valid integer, got '999"),
        ("servers=" + "[" * 5000, "[game] servers: expected a valid integer, got '[[["),
        ("game.servers.x=3", "servers is no table but 4"),
        ("instance.kind.x=3", "kind is no table but 'synthetic'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, setting: str, says: str):
    assert says in refused(tmp_path, BASE + "[game]\nservers = 4\n", setting)


@pytest.mark.parametrize("text", ["instance = 3", "game = 3", '[instance]\nkind = ["a"]', ""])
@pytest.mark.parametrize("setting", ["k=3", "game.servers=3", "instance.k=3", "name=raw"])
def test_settings_over_a_broken_file_are_refused_too(tmp_path: Path, text: str, setting: str):
    assert refused(tmp_path, text, setting)


def test_paths_of_a_scenario_are_relative_to_its_file(tmp_path: Path):
    scenario = read(tmp_path, '[instance]\nkind = "files"\nA = "here/A.npy"\nk = 1')
    assert scenario.facts()["instance"]["A"] == str(tmp_path / "here" / "A.npy")


def test_paths_of_a_setting_are_relative_to_where_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    scenario = read(tmp_path, '[instance]\nkind = "files"\nA = "A.npy"\nk = 1', "A=B.npy")
    assert scenario.facts()["instance"]["A"] == str(tmp_path / "elsewhere" / "B.npy")


def test_a_folder_of_a_scenarios_name_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "files").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find("files").name == "files.toml"
