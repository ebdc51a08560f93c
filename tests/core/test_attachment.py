"""What may be attached, judged by its content; everything else is refused with a reason and without its words."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.core import picture as pictures
from app.core.attachment import LARGEST, LONGEST_NAME, Kind, Reason, Refused, file_name, read_attachment
from app.core.picture import MOST_PIXELS, plain_picture
from tests.canaries import canaries
from tests.redactor import REDACTOR
from tests.uploads import har, jpeg, png, webp

LEAK = canaries()[0]


def reason(name: str, data: bytes) -> Reason:
    with pytest.raises(Refused) as caught:
        read_attachment(name, data, REDACTOR)
    assert LEAK.probe not in repr(caught.value) + str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_of_any_usual_encoding_is_read_and_redacted(encoding: str) -> None:
    file = read_attachment("错误.log", f"密钥{LEAK.planted}无效".encode(encoding), REDACTOR)
    assert (file.kind, file.picture, file.name) == (Kind.TEXT, None, "错误.log")
    assert file.text == f"密钥sk-proj-…{LEAK.planted[-4:]}无效"


def test_terminal_colours_do_not_hide_a_key() -> None:
    middle = len(LEAK.planted) // 2
    coloured = f"\x1b[31m{LEAK.planted[:middle]}\x1b[0m{LEAK.planted[middle:]}"
    assert read_attachment("a.log", coloured.encode(), REDACTOR).text == f"sk-proj-…{LEAK.planted[-4:]}"


@pytest.mark.parametrize(("make", "media_type"), [(png, "image/png"), (jpeg, "image/jpeg"), (webp, "image/webp")])
def test_a_picture_keeps_its_pixels_and_nothing_else(make: object, media_type: str) -> None:
    sent = make(LEAK.planted)  # type: ignore[operator]
    assert LEAK.probe.encode() in sent
    file = read_attachment("shot.bin", sent, REDACTOR)
    assert (file.kind, file.media_type, file.text, file.size) == (Kind.IMAGE, media_type, None, len(sent))
    assert file.picture is not None
    assert LEAK.probe.encode() not in file.picture
    with Image.open(io.BytesIO(file.picture)) as kept:
        assert kept.size == (40, 20)
        assert dict(kept.getexif()) == {}
        assert not {"comment", "Comment", "exif", "xmp", "icc_profile"} & kept.info.keys()
        assert abs(kept.convert("RGB").getpixel((5, 5))[1] - 200) < 8  # type: ignore[index]


def test_a_picture_turned_by_its_metadata_is_turned_for_good() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(plain_picture(out.getvalue())[0])) as kept:
        assert kept.size == (20, 40)


def test_transparency_stays() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (1, 2, 3, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(plain_picture(out.getvalue())[0])) as kept:
        assert kept.convert("RGBA").getpixel((0, 0)) == (1, 2, 3, 0)


def test_a_har_is_read_as_one_whatever_its_name() -> None:
    assert read_attachment("trace.txt", har("words"), REDACTOR).kind is Kind.HAR


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.txt", b"", Reason.EMPTY),
        ("a.txt", b" \n ", Reason.EMPTY),
        ("a.txt", b"a" * (LARGEST + 1), Reason.TOO_LARGE),
        ("a.pdf", b"%PDF-1.7 " + LEAK.planted.encode(), Reason.NOT_TEXT),
        ("a.txt", b"PK\x03\x04" + LEAK.planted.encode(), Reason.NOT_TEXT),
        ("a.txt", bytes(range(256)) * 4, Reason.NOT_TEXT),
        ("a.gif", b"GIF89a" + LEAK.planted.encode(), Reason.NOT_TEXT),
        ("a.har", b'{"log": {"entries": [' + LEAK.planted.encode(), Reason.BROKEN_HAR),
        ("a.png", png("x")[:60], Reason.BROKEN_PICTURE),
        ("a.png", b"\x89PNG\r\n\x1a\n" + LEAK.planted.encode(), Reason.BROKEN_PICTURE),
        ("a.jpg", b"\xff\xd8\xff" + LEAK.planted.encode(), Reason.BROKEN_PICTURE),
    ],
)
def test_anything_else_is_refused_with_a_reason(name: str, data: bytes, why: Reason) -> None:
    assert reason(name, data) is why


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 1000 + 1, 1000)).save(out, "PNG")
    monkeypatch.setattr(pictures, "_drawn_anew", lambda _picture: pytest.fail("unpacked"))
    assert reason("bomb.png", out.getvalue()) is Reason.HUGE_PICTURE


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r"C:\Users\li\桌面\error.log", "error.log"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.txt", "a  Set-Cookie: x.txt"),
        ("", "file"),
        ("/", "file"),
        (f"{LEAK.planted}.txt", f"sk-proj-…{LEAK.planted[-4:]}.txt"),
        ("li.wei@corp.example.png", "***@[company].png"),
        ("x" * 500 + ".log", None),
    ],
)
def test_names_lose_paths_breaks_and_secrets(sent: str, kept: str | None) -> None:
    name = file_name(sent, REDACTOR)
    assert kept is None or name == kept
    assert len(name) <= LONGEST_NAME
    assert LEAK.probe not in name


def test_a_cut_name_keeps_its_ending() -> None:
    assert file_name("x" * 500 + ".log", REDACTOR).endswith("x.log")
