"""Damage: to bytes of any file, and to the parts of a safetensors file of unknot's own."""

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
#: In the place of any number of an array.
ODD_NUMBERS = [
    0,
    1,
    -1,
    255,
    2**31,
    2**62,
    1e-38,
    1e-20,
    1e20,
    1e38,
    -1e38,
    np.nan,
    np.inf,
    -np.inf,
]
DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64", "BOOL"]


def mutated(content, random):
    """The content of a file after one to four injuries."""
    if content.startswith(b"PK"):
        return _archive(content, random)
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        injury = random.choice([_bytes, _bytes, _cut, _doubled, _header, _header, _header, _array])
        try:
            content = injury(content, random)
        except Exception:
            # What an injury before left is no safetensors file.
            content = _bytes(content or b"x", random)
    return content


def _bytes(content, random):
    content = bytearray(content)
    # Headers stand in front.
    reach = random.choice([len(content), min(len(content), 4_000)])
    for _ in range(random.choice([1, 1, 2, 8])):
        place = random.randrange(reach)
        content[place] = random.choice(
            [random.randrange(256), content[place] ^ 1 << random.randrange(8)]
        )
    return bytes(content)


def _cut(content, random):
    start = random.randrange(len(content))
    return random.choice([content[:start], content[:start] + content[start + 8 :]])


def _doubled(content, random):
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


def _header(content, random):
    outer, own, data = _opened(content)
    if random.random() < 0.02:
        return _closed(outer, "[" * 5_000, data)
    container, key = random.choice(places(own, []))
    injury = random.random()
    if injury < 0.15:
        del container[key]
    elif injury < 0.3 and isinstance(container, list):
        container.insert(key, json.loads(json.dumps(container[key])))
    elif injury < 0.4:
        other, place = random.choice(places(own, []))
        container[key] = json.loads(json.dumps(other[place]))
    elif injury < 0.45:
        for _ in range(random.choice([5, 40])):
            container[key] = [container[key]]
    else:
        container[key] = random.choice(ODD)
    return _closed(outer, own, data)


def _archive(content, random):
    """A zip file with another byte, or with an entry that is damaged, missing or another's."""
    if random.random() < 0.4:
        return _bytes(content, random)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(entries))
    injury = random.random()
    if injury < 0.1:
        del entries[name]
    elif injury < 0.2:
        entries[name] = entries[random.choice(list(entries))]
    elif injury < 0.3:
        entries[random.choice(["../a", "/a", "a" * 300, "config.json/", "A\\B"])] = b"x"
    elif injury < 0.8 and name.endswith(".json"):
        tree = json.loads(entries[name])
        container, key = random.choice(places(tree, []))
        container[key] = random.choice(ODD)
        entries[name] = json.dumps(tree).encode("utf-8", "surrogatepass")
    elif entries[name]:
        entries[name] = _bytes(entries[name], random)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each, inner in entries.items():
            archive.writestr(each, inner)
    return packed.getvalue()


def _array(content, random):
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
        if random.random() < 0.1:
            array[:] = array[places_[0]]
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
