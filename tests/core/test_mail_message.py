"""An e-mail is read in any charset and shape; bounces, automatic answers and what is no e-mail at all are told apart."""

from __future__ import annotations

import contextlib
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.mail_message import Unreadable, read_mail
from app.core.mail_threads import read_tag, reader_tag, reply_address
from app.core.sealed_text import Sealer
from app.core.webhook_signature import headers
from app.store.mail_rules import mail_book

BOOK, SEALER = mail_book(), Sealer("s" * 40)


def mail(**headers: str) -> EmailMessage:
    made = EmailMessage()
    named = {"From": "Lina <Lina@guest.example>", "To": "help@desk.example", "Subject": "Re: x", "Message-ID": "<1@guest.example>"}
    for name, value in (named | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        made[name] = value
    return made


def test_a_chinese_mail_of_another_charset_is_read() -> None:
    raw = (
        mail(Subject="=?gb2312?B?ufvO8g==?=").as_bytes()
        + b"Content-Type: text/plain; charset=gb2312\r\n\r\n"
        + "鈤仍然报错 429".encode("gb18030")
    )
    raw = raw.replace(b"\n\nContent-Type", b"\nContent-Type")
    assert read_mail(raw, BOOK).text == "鈤仍然报错 429"


def test_html_alone_is_read_and_beside_plain_text_it_is_not() -> None:
    alone, both = mail(), mail()
    alone.set_content("<p>from html</p>", subtype="html")
    both.set_content("from text")
    both.add_alternative("<p>from html</p>", subtype="html")
    assert [read_mail(each.as_bytes(), BOOK).text for each in (alone, both)] == ["from html", "from text"]


def test_attached_files_are_given_and_pictures_of_signatures_are_not() -> None:
    made = mail()
    made.set_content("see file")
    made.add_attachment(b"log line", maintype="text", subtype="plain", filename="日志.txt")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<logo>")
    assert read_mail(made.as_bytes(), BOOK).files == (("日志.txt", b"log line"),)


@pytest.mark.parametrize(
    "header",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"}, {"List_Id": "<l.example>"}],
)
def test_what_a_program_sent_is_known(header: dict[str, str]) -> None:
    made = mail(**header)
    made.set_content("I am away")
    assert read_mail(made.as_bytes(), BOOK).automatic
    by_hand = mail(Auto_Submitted="no")
    by_hand.set_content("I am here")
    assert not read_mail(by_hand.as_bytes(), BOOK).automatic


def test_several_senders_are_none() -> None:
    made = mail(From="a@x.example, b@x.example")
    made.set_content("hello")
    assert read_mail(made.as_bytes(), BOOK).sender is None


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"no header here at all", b"\n\nbody"])
def test_what_is_no_mail_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_mail(raw, BOOK)


@given(st.binary(max_size=200), st.text(max_size=60))
def test_nothing_breaks_the_parser_in_another_way(body: bytes, value: str) -> None:
    raw = f"From: {value}\nContent-Type: multipart/mixed; boundary=b\nTo: {value}\n\n--b\n".encode("utf-8", "surrogatepass") + body
    with contextlib.suppress(Unreadable):
        read_mail(raw, BOOK)


def test_deep_nesting_is_survived() -> None:
    raw = b"From: a@b.example\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000))
    with contextlib.suppress(Unreadable):
        read_mail(raw, BOOK)


def test_a_reply_address_names_its_ticket_and_fits_one_reader() -> None:
    address = reply_address("help@desk.example", 17, None, SEALER)
    found = read_tag(address.upper(), "help@desk.example")
    assert found is not None
    assert (found.ticket_id, found.tag) == (17, reader_tag(17, None, SEALER))
    assert found.tag not in {reader_tag(18, None, SEALER), reader_tag(17, 3, SEALER), reader_tag(17, None, Sealer("t" * 40))}
    for foreign in ("help@desk.example", address.replace("desk.", "other."), address.replace("help", "info"), "help+t17-zz@desk.example"):
        assert read_tag(foreign, "help@desk.example") is None


def test_a_call_is_signed_as_the_standard_says() -> None:
    from datetime import UTC, datetime

    made = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
