"""save_figure: suffixes, bytes, and what stays when it fails."""

from xml.etree import ElementTree

import pytest
from pictures import HOSTILE, demo, hostile
from PIL import Image

from unknot import UnknotError, UsageError
from unknot.views.figures import figure, save_figure


@pytest.fixture(scope="module")
def drawn():
    return figure(demo(100))


def test_png_has_the_size_in_pixels(drawn, tmp_path):
    save_figure(drawn, tmp_path / "a.png", dpi=100)
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.format == "PNG"
        width, height = drawn.get_size_inches() * 100
        assert image.size == (int(width), int(height))
        assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_small_png_has_256_colours_and_fewer_bytes(drawn, tmp_path):
    save_figure(drawn, tmp_path / "a.png", dpi=100)
    save_figure(drawn, tmp_path / "b.png", dpi=100, small=True)
    assert (tmp_path / "b.png").stat().st_size < 0.6 * (tmp_path / "a.png").stat().st_size
    with Image.open(tmp_path / "b.png") as image:
        assert image.mode == "P"


def test_svg_is_xml_with_readable_text(tmp_path):
    save_figure(figure(hostile()), tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert root.tag.endswith("svg")
    text = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert HOSTILE[0] in text
    assert any("שלום" in (line or "") for line in text)
    assert "Verdana, sans-serif" in (tmp_path / "a.svg").read_text("utf-8")


def test_pdf(drawn, tmp_path):
    save_figure(drawn, tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    # Fonts as outlines that can be searched, not as drawings of letters.
    assert b"/Type3" not in content.replace(b" ", b"")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".PNG"])
def test_same_bytes_for_the_same_figure(suffix, tmp_path):
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        save_figure(figure(demo(40), what="diagram"), path, dpi=60)
    first, second = (path.read_bytes() for path in paths)
    assert first == second


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a.bmp", "{}: .bmp is not a supported type.\nAllowed: .pdf, .png, .svg."),
        ("a", "{}: a file without a suffix is not a supported type.\nAllowed: .pdf, .png, .svg."),
    ],
)
def test_unsupported_suffix(drawn, path, message, tmp_path):
    with pytest.raises(UsageError) as error:
        save_figure(drawn, tmp_path / path)
    assert str(error.value) == "Cannot write " + message.format(tmp_path / path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dpi", [0, 29, 5_000, float("nan")])
def test_dots_per_inch(drawn, dpi, tmp_path):
    with pytest.raises(UsageError) as error:
        save_figure(drawn, tmp_path / "a.png", dpi=dpi)
    assert str(error.value) == f"A figure of this size has 30 to 1200 dots per inch; got {dpi:g}."


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"precious")
    broken = figure(demo(20))

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    broken.savefig = fail
    with pytest.raises(UnknotError, match="No space left on device"):
        save_figure(broken, path)
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_is_missing_is_made(drawn, tmp_path):
    save_figure(drawn, tmp_path / "new" / "a.svg")
    assert (tmp_path / "new" / "a.svg").exists()
