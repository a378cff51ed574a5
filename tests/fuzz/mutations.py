"""Damage: to bytes of any file, to parts of archives, tables, messages and unknot's own files."""

import hashlib
import io
import json
import struct
import zipfile

import numpy as np

#: In the place of any value of a header.
ODD = [
    None, True, False, 0, -1, 1, 2, 2**31, 2**53, 2**64, -(2**63), 0.5, -0.5, 1e-320, 1e30, 1e308,
    float("nan"), float("inf"), -float("inf"), "", "relu", "softmax", "Opaque", "\0", "\ud800",
    "<script>", "long " * 400, [], {}, [[]], [0], ["x"], {"x": 0}, [None] * 3, [1e308, -1e308],
]  # fmt: skip
#: In the place of a text: what may be a name, and is hard to write, draw or tell from others.
ODD_TEXTS = [
    *("", " ", "x", "x1", "a\nb", "\t", "\0", "\ud800", "\u202eabc", "\u2066", "e\u0301"),
    *("😀", "nan", "1", "$x$", "$\\frac{", "\\", "{x}", "%s", "<b>", "&amp;", "_x", "long " * 40),
    *("input", "-", "unit 1", "linear", "relu", "tanh", "sin", "softmax"),
    *("sigmoid", "identity", "Activation", "Affine"),
]  # fmt: skip
#: In the place of any number of an array.
ODD_NUMBERS = [
    *(0, 1, -1, 2, 255, 2**31, 2**62, 1e-38, 1e-20, 1e-3, 1e3, 1e10, 1e20, 1e38, -1e38),
    *(np.nan, np.inf, -np.inf),
]  # fmt: skip
#: In the place of a cell of a table.
ODD_CELLS = [
    b"", b"nan", b"NA", b"null", b"inf", b"-inf", b"1e999", b"1e-999", b"0x10", b"1_000", b"1,5",
    b"true", b"label", b"x", b"y", b"01", b"1.0", b"1e30", b"99999999999999999999", b"\0", b"\xff",
    b'"', b'"a""b"', b'"a\nb"', b"2020-01-01", "é\u202e".encode(), b"a" * 5_000, b" 1 ", b"\r",
]  # fmt: skip
#: Injuries to all numbers of an array.
WHOLE = [
    *(lambda a: np.full_like(a, a[0]), lambda a: a[np.arange(len(a)) // 2], lambda a: a[::-1]),
    *(lambda a: 0 * a, lambda a: a * 1e-30, lambda a: a * 1e20, lambda a: a + 1e6),
    *(np.sort, np.negative, np.round),
]  # fmt: skip
DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64", "BOOL"]


def mutated(content, random, suffix="", other=None):
    """The content of a file after one to four injuries; parts of an `other` may stand in it."""
    injuries = INJURIES.get(suffix, (_header, _header, _header, _array, _crossed))
    for _ in range(random.choice([1, 1, 1, 1, 2, 3])):
        injury = random.choice([_bytes, random.choice([_cut, _doubled]), *injuries, *injuries])
        try:
            content = injury(content, random, other or content)
        except Exception:
            # What an injury before left is no file of its kind.
            content = _bytes(content or b"x", random)
    return content


def _bytes(content, random, other=None):
    content = bytearray(content)
    # Headers stand in front.
    reach = random.choice([len(content), min(len(content), 4_000)])
    for _ in range(random.choice([1, 1, 2, 8])):
        place = random.randrange(reach)
        content[place] = random.choice(
            [random.randrange(256), content[place] ^ 1 << random.randrange(8)]
        )
    return bytes(content)


def _cut(content, random, other=None):
    start = random.randrange(len(content))
    return random.choice([content[:start], content[:start] + content[start + 8 :]])


def _doubled(content, random, other=None):
    a, b = sorted(random.randrange(len(content)) for _ in range(2))
    b = min(b, a + 1_000)
    return content[:b] + content[a:b] + content[b:]


def _opened(content):
    length = struct.unpack("<Q", content[:8])[0]
    outer = json.loads(content[8 : 8 + length])
    own = json.loads(outer["__metadata__"]["unknot"])
    return outer, own, content[8 + length :]


def _closed(outer, own, data):
    text = own if isinstance(own, str) else json.dumps(own)
    outer["__metadata__"]["unknot"] = text
    header = json.dumps(outer).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(header)) + header + data


def places(value, found):
    """Every (container, key) of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        found.append((value, key))
        if isinstance(inner, dict | list):
            places(inner, found)
    return found


def _header(content, random, other=None):
    outer, own, data = _opened(content)
    if random.random() < 0.02:
        return _closed(outer, "[" * 5_000, data)
    _injure_tree(own, random, own)
    return _closed(outer, own, data)


def _crossed(content, random, other):
    """A part of another file's header, and at times its arrays."""
    outer, own, data = _opened(content)
    others, parts, numbers = _opened(other)
    _injure_tree(own, random, parts)
    return _closed(others, own, numbers) if random.random() < 0.2 else _closed(outer, own, data)


def _injure_tree(tree, random, other):
    """Change one place of a JSON value; what is put there may come from an `other`."""
    container, key = random.choice(places(tree, []))
    injury = random.random()
    if injury < 0.15:
        del container[key]
    elif injury < 0.3 and isinstance(container, list):
        container.insert(key, json.loads(json.dumps(container[key])))
    elif injury < 0.45:
        from_there = places(other, [])
        # Best from a place of the same name.
        same = [each for each in from_there if each[1] == key]
        source, place = random.choice(random.choice([same or from_there, from_there]))
        container[key] = json.loads(json.dumps(source[place]))
    elif injury < 0.5:
        for _ in range(random.choice([5, 40])):
            container[key] = [container[key]]
    elif injury < 0.8 and isinstance(container[key], int | float):
        value = container[key]
        container[key] = random.choice([value + 1, value - 1, -value, 2 * value, value / 2])
    elif injury < 0.9 and isinstance(container[key], str):
        container[key] = random.choice(ODD_TEXTS)
    else:
        container[key] = random.choice(ODD)


def _archive(content, random, other=None):
    """A zip file with an entry that is damaged, missing or another's."""
    entries, others = _entries(content), _entries(other or content)
    name = random.choice(list(entries))
    injury = random.random()
    if injury < 0.1:
        del entries[name]
    elif injury < 0.2:
        entries[name] = others[random.choice(list(others))]
    elif injury < 0.3:
        entries[random.choice(["../a", "/a", "a" * 300, "config.json/", "A\\B"])] = b"x"
    elif injury < 0.9 and name.endswith((".json", "schema")):
        tree = json.loads(entries[name])
        _injure_tree(tree, random, json.loads(others.get(name, entries[name])))
        entries[name] = json.dumps(tree).encode("utf-8", "surrogatepass")
    elif entries[name]:
        entries[name] = _bytes(entries[name], random)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each, inner in entries.items():
            archive.writestr(each, inner)
    return packed.getvalue()


def _entries(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _array(content, random, other=None):
    """Another number in an array, or another shape, type or name of it."""
    outer, own, data = _opened(content)
    name = random.choice([name for name in outer if name != "__metadata__"])
    entry = outer[name]
    injury = random.random()
    if injury < 0.6:
        kind = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1"}[entry["dtype"]]
        start, stop = entry["data_offsets"]
        array = np.frombuffer(data[start:stop], kind).copy()
        places_ = random.sample(range(len(array)), random.choice([1, min(3, len(array))]))
        with np.errstate(all="ignore"):
            for place in places_:
                array[place] = np.array(random.choice(ODD_NUMBERS)).astype(kind)
            array = random.choice([lambda a: a] * 6 + WHOLE)(array).astype(kind)
        data = data[:start] + array.tobytes() + data[stop:]
    elif injury < 0.75:
        entry["shape"] = random.choice(
            [entry["shape"][::-1], [1, *entry["shape"]], [0, 2**40], [2**62, 4], [1] * 40, []]
        )
    elif injury < 0.85:
        entry["dtype"] = random.choice(DTYPES)
    elif injury < 0.95:
        outer[random.choice([*outer, "labels", "x"])] = outer.pop(name)
    else:
        del outer[name]
    return _closed(outer, own, data)


def _cells(content, random, other):
    """A table as text with a cell, a line or a separator that is odd."""
    lines = [line.split(b",") for line in content.split(b"\n")]
    line = random.randrange(min(len(lines), random.choice([2, 10**9])))
    cell = random.randrange(len(lines[line]))
    injury = random.random()
    if injury < 0.5:
        lines[line][cell] = random.choice(ODD_CELLS)
    elif injury < 0.6:
        for each in lines:
            each[min(cell, len(each) - 1)] = lines[line][cell]
    elif injury < 0.7:
        theirs = other.split(b"\n")
        lines.insert(line, random.choice(theirs).split(b","))
    elif injury < 0.8:
        lines[line:] = lines[line : line + 1]
    elif injury < 0.9:
        return content.replace(b",", random.choice([b";", b"\t", b"|", b" ", b",,"]))
    else:
        lines[line].insert(cell, random.choice(lines[0]))
    text = b"\n".join(map(b",".join, lines))
    if random.random() < 0.1:
        text = text.decode("utf-8", "replace").encode(random.choice(["utf-16", "utf-8-sig"]))
    return text


def _frame(content, random, other):
    """A results file whose table is another one, with the right checksum."""
    import polars

    from unknot.width.results_file import SEAL, sealed

    if random.random() < 0.2:
        return _bytes(content, random)
    start = content.index(SEAL)
    stop = start + len(SEAL) + 32
    whole = content[:start] + content[stop:]
    # polars cannot be trusted with what an injury before has left.
    if hashlib.sha256(whole).digest() != content[stop - 32 : stop]:
        raise ValueError("damaged already")
    frame = polars.read_parquet(io.BytesIO(whole))
    name = random.choice(frame.columns)
    injury = random.random()
    if injury < 0.15:
        frame = frame.drop(name)
    elif injury < 0.3:
        frame = frame.with_columns(frame[random.choice(frame.columns)].alias(name))
    elif injury < 0.4:
        frame = frame.rename({name: random.choice(["x", "", "hidden_"])})
    elif injury < 0.5:
        frame = frame.with_columns(polars.lit(random.choice([None, True, 0.5, "x"])).alias(name))
    elif injury < 0.6:
        frame = frame[[random.randrange(len(frame)) for _ in range(random.choice([0, 1, 3]))]]
    else:
        values = frame[name].to_list()
        tree = json.loads(values[0]) if name == "experiment" else values
        _injure_tree(tree, random, tree)
        values = [json.dumps(tree)] * len(values) if name == "experiment" else values
        frame = frame.with_columns(polars.Series(name, values, frame[name].dtype, strict=False))
    return sealed(frame)


def _message(content, random, other):
    """A protobuf message with a field, at any depth, that is gone, doubled, odd or another's."""
    fields = _fields(content)
    place = random.randrange(len(fields))
    key, value = fields[place]
    injury = random.random()
    if isinstance(value, bytes) and value and injury < 0.6:
        try:
            # Texts and numbers may look like messages; damage to them is as good.
            value = _message(value, random, other)
        except (ValueError, IndexError):
            value = random.choice([_bytes(value, random), b"", value * 2, b"Relu", b"x"])
        fields[place] = key, value
    elif injury < 0.7:
        del fields[place]
    elif injury < 0.8:
        fields.insert(random.randrange(len(fields) + 1), fields[place])
    elif injury < 0.9 and isinstance(value, int):
        fields[place] = key, random.choice([0, 1, 2, 7, value + 1, 2**31, 2**63, 2**64 - 1])
    else:
        theirs = _fields(other)
        fields[place] = random.choice(random.choice([fields, theirs]))
    return b"".join(map(_field, fields))


def _fields(content):
    """Pairs of a key and an int (a varint) or bytes; https://protobuf.dev/programming-guides/encoding."""
    fields, place = [], 0
    while place < len(content):
        key, place = _varint(content, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(content, place)
        elif kind in (1, 2, 5):
            length, place = _varint(content, place) if kind == 2 else (8 if kind == 1 else 4, place)
            value, place = content[place : place + length], place + length
        if kind not in (0, 1, 2, 5) or place > len(content) or key < 8:
            raise ValueError("no message")
        fields.append((key, value))
    return fields


def _field(field):
    key, value = field
    if isinstance(value, int):
        return _as_varint(key) + _as_varint(value)
    return _as_varint(key) + (_as_varint(len(value)) if key & 7 == 2 else b"") + value


def _varint(content, place):
    value = 0
    for shift in range(0, 70, 7):
        byte = content[place]
        value, place = value | (byte & 127) << shift, place + 1
        if byte < 128:
            return value, place
    raise ValueError("no varint")


def _as_varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


#: Suffix → injuries that know the form; unknot's own files are meant where there is none.
INJURIES = {
    **dict.fromkeys((".npz", ".keras", ".skops", ".pt2"), (_archive, _archive, _archive)),
    ".csv": (_cells, _cells),
    ".onnx": (_message, _message, _message),
    ".parquet": (_frame, _frame, _frame),
}
