"""Exported programs that are hostile or damaged: none runs code, hangs or fills memory.

Every hostile file would leave a mark if anything in it ran.
"""

import io
import json
import os
import pickle
import re
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from model_archives import error_of, write

from unknot.adapters.files import open_model
from unknot.adapters.files.torch_program import size

PYTHON = "Load it in Python, if you trust it, and trace the model: unknot.trace(program, data)."
AGAIN = "It is damaged, or made by another version; save the model again."
PROGRAM = "net/models/model.json"


class Bomb:
    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self.mark,)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def honest(torch):
    """The entries of an exported program, in their order."""
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).eval()
    points = ({0: torch.export.Dim("points")},)
    program = torch.export.export(net, (torch.zeros(4, 2),), dynamic_shapes=points)
    target = io.BytesIO()
    torch.export.save(program, target)
    with zipfile.ZipFile(target) as archive:
        root = archive.namelist()[0].partition("/")[0]
        return [(n.replace(root, "net", 1), archive.read(n)) for n in archive.namelist()]


def changed(honest, change):
    """The same program with its operations changed in place."""
    entries = []
    for name, content in honest:
        if name == PROGRAM:
            program = json.loads(content)
            change(program)
            content = json.dumps(program).encode()
        entries.append((name, content))
    return entries


def sizes(program):
    return program["graph_module"]["graph"]["tensor_values"]["input"]["sizes"]


def evil(honest, mark):
    """A program whose size makes a folder."""

    def change(program):
        sizes(program)[0]["as_expr"]["expr_str"] = f"__import__('os').mkdir('{mark}')"

    return dict(changed(honest, change))[PROGRAM]


def test_an_honest_program_loads(tmp_path, honest, torch):
    program = open_model(write(tmp_path / "m.pt2", honest))
    assert program.module(check_guards=False)(torch.zeros(7, 2)).shape == (7, 1)


def test_a_second_program_of_another_name(tmp_path, honest):
    mark = tmp_path / "ran"
    for name in ("net/models/evil_json", "net/models/evil.json", "net/MODELS/evil.json"):
        extra = [
            (n.replace("model_", "evil_").replace("model.pt", "evil.pt"), content)
            for n, content in honest
            if "config" in n or "sample" in n
        ]
        path = write(tmp_path / "m.pt2", [*honest, (name, evil(honest, mark)), *extra])
        assert error_of(path) == (
            f"m.pt2 holds what is no part of one program ({name}), so unknot does not load it.\n"
            f"{PYTHON}"
        )
    assert not mark.exists()


@pytest.mark.parametrize("name", [PROGRAM, "net/MODELS/model.JSON"])
@pytest.mark.parametrize("is_first", [True, False])
def test_two_entries_of_one_name(tmp_path, honest, name, is_first):
    mark = tmp_path / "ran"
    bad = (name, evil(honest, mark))
    path = write(tmp_path / "m.pt2", [bad, *honest] if is_first else [*honest, bad])
    told = PROGRAM if is_first else name
    assert error_of(path) == (
        f"m.pt2 is not a whole exported program: {told} is in it twice\n{AGAIN}"
    )
    assert not mark.exists()


def test_containers_that_name_a_class(tmp_path, honest, monkeypatch):
    (tmp_path / "evil_module.py").write_text("import os\nos.mkdir('ran')\nclass A: pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    context = json.dumps([{"__enum__": True, "fqn": "evil_module:A", "name": "A"}])
    for key in ("in_spec", "out_spec"):

        def change(program, key=key):
            signature = program["graph_module"]["module_call_graph"][0]["signature"]
            leaf = {"type": None, "context": None, "children_spec": []}
            nested = {"type": "builtins.dict", "context": context, "children_spec": [leaf]}
            signature[key] = json.dumps([1, nested])

        first, second = error_of(write(tmp_path / "m.pt2", changed(honest, change))).split("\n")
        assert first == (
            'm.pt2 takes or gives no plain containers (\'[1, {"type": "builtins.dict", '
            '"context": "[{\\\\"__enum__\\\\": tr\'), so unknot does not load it.'
        )
        assert second == PYTHON
    assert "evil_module" not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_a_program_that_cannot_be_used(tmp_path, honest):
    def change(program):
        program["graph_module"]["module_call_graph"][0]["fqn"] = "0"

    error = error_of(write(tmp_path / "m.pt2", changed(honest, change)))
    assert error.startswith("m.pt2 is not a whole exported program: ")


@pytest.mark.parametrize(
    "text",
    [
        *("9**9**9**9", "Pow(Pow(Integer(9), Integer(9)), Integer(99))", "2**s0", "s0**13"),
        *("os", "s0.__class__", "'a'", "[1]", "lambda: 1", "Symbol('os')", "Symbol(1)", "eval(s0)"),
        *("Integer('1')", "Add(*s0)", "s0 if s1 else s2", "1 <", "f'{s0}'", "Float(1)", "9" * 300),
        *("(s0+s1+s2+s3)**6", "Symbol('s0', evil=True)", "(" * 3000, "+".join(["s0"] * 100)),
        *("Max(s0, s1, s2, s3, s4, s5, s6, s7, s8)", "s0 // (s1 + s2) ** 6"),
    ],
)
def test_sizes_that_are_refused(tmp_path, honest, text):
    def change(program):
        sizes(program)[0]["as_expr"]["expr_str"] = text

    assert error_of(write(tmp_path / "m.pt2", changed(honest, change))) == (
        f"m.pt2 has a size that is no number ({text[:60]!r}), so unknot does not load it.\n{PYTHON}"
    )


def test_sizes_that_take_too_long_together(tmp_path, honest):
    """Each is small, but PyTorch multiplies them out."""

    def change(program):
        tensor = program["graph_module"]["graph"]["tensor_values"]["input"]
        tensor["sizes"] = [{"as_expr": {"expr_str": "s0 + s1", "hint": None}}] * 30

    assert error_of(write(tmp_path / "m.pt2", changed(honest, change))) == (
        f"m.pt2 has sizes that take too long to work out, so unknot does not load it.\n{PYTHON}"
    )

    def many(program):
        program["range_constraints"] = {f"s{i}": {"min_val": 0} for i in range(5000)}

    assert error_of(write(tmp_path / "m.pt2", changed(honest, many))) == (
        "m.pt2 has 5000 sizes that vary, of 100 that are allowed, so unknot does not load it.\n"
        f"{PYTHON}"
    )


def test_sizes_that_are_taken():
    s0 = "Symbol('s0', positive=True, integer=True)"
    for text in (
        *(
            "7",
            "s0",
            "2 * s0 + 1",
            "s0 // 2",
            "-s0",
            "s0 % 3",
            "s0 ** 2",
            s0,
            f"Mul(Integer(4), {s0})",
        ),
        *(f"Pow({s0}, Integer(4))", f"Min(Integer(8), Mul(Integer(8), {s0}))"),
    ):
        assert size(text) == (text, text.count(" + ") + 1)
    assert size(f"Eq({s0}, 1)")[0] == f"Eq({s0}, 1)"


@pytest.mark.parametrize(
    "target",
    [
        *("torch.ops.aten.save.default", "torch.ops.aten.from_file.default"),
        *("torch.ops.aten.from_file.out", "torch.ops.prims.sin.default", "os.system"),
        *("torch.ops.aten.__class__.mro", "torch.ops.aten.add.__init__", "torch.hub.load"),
        *("torch.ops.higher_order.cond", "math.sqrt", "_operator.methodcaller", "#evil:op"),
    ],
)
def test_operations_that_are_refused(tmp_path, honest, target):
    def change(program):
        program["graph_module"]["graph"]["nodes"][1]["target"] = target

    assert error_of(write(tmp_path / "m.pt2", changed(honest, change))) == (
        f"m.pt2 calls {target!r}, which is no operation of ATen, so unknot does not load it.\n"
        f"{PYTHON}"
    )


def test_names_do_not_become_code(tmp_path, honest):
    """PyTorch makes a Python function of the program, with variables of these names."""
    mark = tmp_path / "ran"
    name = f"x = __import__('os').mkdir('{mark}')"
    text = json.loads(dict(honest)[PROGRAM])
    place = text["graph_module"]["signature"]["input_specs"][0]["parameter"]["parameter_name"]
    for old in ("tanh", place, "input"):
        content = json.dumps(text).replace(f'"{old}"', json.dumps(name))
        entries = [(n, content.encode() if n == PROGRAM else c) for n, c in honest]
        assert error_of(write(tmp_path / "m.pt2", entries)) == (
            f"m.pt2 has a name that is no identifier ({name[:60]!r}), so unknot does not load it.\n"
            f"{PYTHON}"
        )
    assert not mark.exists()


def test_conditions_and_notes_are_left_out(tmp_path, honest, torch):
    mark = tmp_path / "ran"
    code = f"__import__('os').mkdir('{mark}')"

    def change(program):
        program["guards_code"] = [code]
        program["graph_module"]["metadata"] = {"custom": code}
        for node in program["graph_module"]["graph"]["nodes"]:
            node["metadata"] = {"stack_trace": f"\n{code}\n", "source_fn_stack": f"a,{code}"}

    program = open_model(write(tmp_path / "m.pt2", changed(honest, change)))
    assert program._guards_code == []
    program.module()(torch.zeros(5, 2))
    assert not mark.exists()


@pytest.mark.parametrize("key", ["as_graph", "as_operator", "as_custom_obj", "custom_obj"])
def test_more_than_tensors_is_refused(tmp_path, honest, key):
    def change(program):
        program["graph_module"]["graph"]["nodes"][0]["inputs"][0]["arg"] = {key: "os.system"}

    assert error_of(write(tmp_path / "m.pt2", changed(honest, change))) == (
        f"m.pt2 holds more than operations and tensors ({key}), so unknot does not load it.\n"
        f"{PYTHON}"
    )


def test_a_counter_that_never_ends(tmp_path, honest):
    """PyTorch counts up to the number in the name of a symbol."""

    def change(program):
        program["range_constraints"] = {"u99999999999": {"min_val": 0, "max_val": None}}

    assert error_of(write(tmp_path / "m.pt2", changed(honest, change))) == (
        "m.pt2 has a name that is no identifier ('u99999999999'), so unknot does not load it.\n"
        f"{PYTHON}"
    )


def weights(honest, change):
    """The same program with its list of weights changed in place."""
    entries = []
    for name, content in honest:
        if name.endswith("model_weights_config.json"):
            listed = json.loads(content)
            change(listed["config"])
            content = json.dumps(listed).encode()
        entries.append((name, content))
    return entries


def test_pickled_weights(tmp_path, honest):
    mark = tmp_path / "ran"
    bomb = pickle.dumps(Bomb(mark))
    for change in ({"use_pickle": True}, {"path_name": "custom_obj_0"}, {"path_name": "../a"}):
        entries = weights(honest, lambda config, c=change: config["0.weight"].update(c))
        entries = [(n, bomb if "/weight_" in n else c) for n, c in entries]
        assert error_of(write(tmp_path / "m.pt2", entries)) == (
            f"m.pt2 holds pickled objects, so unknot does not load it.\n{PYTHON}"
        )
    assert not mark.exists()


def test_pickled_sample_inputs_are_left_out(tmp_path, honest):
    mark = tmp_path / "ran"
    bomb = pickle.dumps(Bomb(mark))
    entries = [(n, bomb if "sample_inputs" in n else c) for n, c in honest]
    assert open_model(write(tmp_path / "m.pt2", entries)).example_inputs is None
    assert not mark.exists()


def test_weights_that_are_not_there(tmp_path, honest):
    """PyTorch fills an empty tensor of any shape with zeros."""

    def change(config):
        config["0.weight"]["tensor_meta"]["sizes"] = [{"as_int": 1 << 20}, {"as_int": 1 << 20}]

    for entries in (
        weights(honest, change),
        [(n, b"" if n.endswith("weight_0") else c) for n, c in honest],
    ):
        assert error_of(write(tmp_path / "m.pt2", entries)) == (
            "m.pt2 is not a whole exported program: 0.weight has fewer numbers than its shape\n"
            f"{AGAIN}"
        )


@pytest.mark.parametrize(
    "name",
    ["net/data/aotinductor/model/a.so", "net/data/aotinductor/model/a.cpp", "net/extra/a.py"],
)
def test_compiled_code(tmp_path, honest, name):
    assert error_of(write(tmp_path / "m.pt2", [*honest, (name, b"")])) == (
        f"m.pt2 holds compiled code ({name}), so unknot does not load it.\n{PYTHON}"
    )


@pytest.mark.parametrize("name", ["/etc/passwd", "../evil", "net/../evil", "net/data/x", "other/a"])
def test_files_of_other_names(tmp_path, honest, name):
    first, second = error_of(write(tmp_path / "m.pt2", [*honest, (name, b"")])).split("\n")
    assert re.fullmatch(
        r"m\.pt2 holds what is no part of one program \(.*\), so unknot does not load it\.", first
    )
    assert second == PYTHON


def test_a_link(tmp_path, honest):
    link = zipfile.ZipInfo("net/data/weights/weight_9")
    link.external_attr = 0o120777 << 16
    path = write(tmp_path / "m.pt2", [*honest, (link, b"/etc/passwd")])
    assert error_of(path) == (
        "m.pt2 is not a whole exported program: net/data/weights/weight_9 is a link\n" + AGAIN
    )


def test_a_user_s_own_files_do_not_matter(tmp_path, honest):
    open_model(write(tmp_path / "m.pt2", [*honest, ("net/extra/notes.txt", b"hello")]))


def test_the_older_format(tmp_path, honest):
    entries = [e for e in honest if "/weights/" not in e[0]]
    entries.append(("net/data/weights/model.pt", b""))
    assert error_of(write(tmp_path / "m.pt2", entries)) == (
        "m.pt2 is not a whole exported program: its weights are in PyTorch's older format\n" + AGAIN
    )


def test_an_archive_that_unpacks_to_much(tmp_path, honest):
    large = [*honest, ("net/extra/a", b" " * (50 << 20))]
    first, second = error_of(write(tmp_path / "m.pt2", large, zipfile.ZIP_DEFLATED)).split("\n")
    assert re.fullmatch(r"m\.pt2 unpacks to 50 MB, from 0\.1 MB; allowed are 9 MB\.", first)
    assert second == (
        "Save the model again with the library it was made with, which does not compress it."
    )


def broken(path, how):
    """An archive with one thing wrong that only shows when an entry is read."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = next(i for i in archive.infolist() if i.filename.endswith((".json", "schema.json")))
    start = info.header_offset + 30 + len(info.filename)
    directory = content.rindex(b"PK\x01\x02", 0, content.index(info.filename.encode(), start))
    if how == "checksum":
        content[start + 20] ^= 1
    elif how == "encrypted":
        content[info.header_offset + 6] |= 1
        content[directory + 8] |= 1
    elif how == "stream":
        content[start : start + 8] = b"\xff" * 8
    else:
        content[info.header_offset + 8] = content[directory + 10] = 12
    path.write_bytes(content)
    return path


WRONG = {
    "checksum": "Bad CRC-32 for file '{}'",
    "encrypted": "{} is encrypted",
    "stream": "Error -3 while decompressing data: invalid block type",
    "method": "{} is packed in an unusual way",
}


@pytest.mark.parametrize("how", WRONG)
def test_damaged_programs(tmp_path, honest, how):
    kind = zipfile.ZIP_DEFLATED if how == "stream" else zipfile.ZIP_STORED
    first = sorted(honest, key=lambda entry: entry[0] != PROGRAM)
    path = broken(write(tmp_path / "m.pt2", first, kind), how)
    told = WRONG[how].format(PROGRAM)
    assert error_of(path) == (f"m.pt2 is not a whole exported program: {told}\n{AGAIN}")


def test_json_that_is_nested_deeply(tmp_path, honest):
    deep = b"[" * 200_000
    entries = [(n, deep if n == PROGRAM else c) for n, c in honest]
    assert error_of(write(tmp_path / "m.pt2", entries)) == (
        f"m.pt2 is not a whole exported program: it is nested too deeply\n{AGAIN}"
    )


@pytest.mark.filterwarnings("ignore:The tensor attributes:UserWarning")
def test_kinds_of_networks_load(tmp_path, torch):
    nn = torch.nn

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(20, 8)
            self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.out = nn.Linear(8, 2)
            self.register_buffer("places", torch.arange(100).expand(1, -1))

        def forward(self, x):
            h = self.embed(x) + self.places[:, : x.shape[1], None] / 100
            return {"logits": self.out(self.block(h).mean(1))}

    class Scores(nn.Module):
        def forward(self, x):
            scores = (x @ x.transpose(1, 2)).reshape(x.shape[0], -1)
            return torch.einsum("bi,bj->bij", scores, scores).sum(2) * x.shape[1] ** 2

    images = nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding="same"), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
        *(nn.MaxPool2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(64, 3), nn.LayerNorm(3)),
        nn.GELU(approximate="tanh"),
    )
    n, t = torch.export.Dim("n"), torch.export.Dim("t", max=100)
    tokens = torch.randint(0, 20, (5, 7))
    for i, (net, x, dynamic) in enumerate(
        [
            (images, torch.randn(5, 1, 8, 8), {0: n}),
            (Attention(), tokens, {0: n, 1: t}),
            (Scores(), torch.randn(5, 7, 4), {0: n, 1: t}),
            (nn.LSTM(3, 4, batch_first=True), torch.randn(5, 7, 3), {0: n}),
        ]
    ):
        net = net.eval()
        program = torch.export.export(net, (x,), dynamic_shapes=(dynamic,))
        torch.export.save(program, tmp_path / f"{i}.pt2")
        torch.testing.assert_close(open_model(tmp_path / f"{i}.pt2").module()(x), net(x))


def test_nothing_but_tensors_is_unpickled_while_a_program_is_read(torch, tmp_path):
    from unknot.adapters.files.torch import tensors_only

    path = tmp_path / "objects.pt"
    torch.save({"kind": Path("somewhere")}, path)
    before = torch.load
    with tensors_only(torch):
        # Whatever PyTorch asks for by itself.
        with pytest.raises(Exception, match="Weights only load failed"):
            torch.load(path, weights_only=False)
        elsewhere: list[object] = []
        thread = threading.Thread(
            target=lambda: elsewhere.append(torch.load(path, weights_only=False))
        )
        thread.start()
        thread.join()
    assert elsewhere == [{"kind": Path("somewhere")}]
    assert torch.load is before
