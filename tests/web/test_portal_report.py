"""Paste, check, file: what a person with a failure does before there is a ticket."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.key_ref import fingerprint_of_key
from app.store import tickets
from app.store.database import db
from app.store.models import SelfService, Ticket
from tests.articles import book, content
from tests.pages import Page, read
from tests.sql import row_counts, statements, stored_text
from tests.world import KEY, World, inhabit

RATE_LIMIT = (
    "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1. "
    "Please try again in 20s.', 'type': 'requests', 'code': 'rate_limit_exceeded'}}"
)
CHINESE_PASTE = f"""Cherry Studio 1.6.2 调用 gpt-4o 一直失败，下午 4 点左右开始：
HTTP 429 {RATE_LIMIT}
我的密钥是 {KEY}，邮箱 lin.mei@corp.example"""
SHA256 = hashlib.sha256(KEY.encode()).hexdigest()


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def guest(world: World) -> FlaskClient:
    return world.client(None)


def pasted(client: FlaskClient, text: str, **more: str) -> Page:
    answer = client.post("/report", data={"text": text} | more)
    assert answer.status_code == 200
    return read(answer)


def filed(browser: FlaskClient, /, **form: str) -> Ticket:
    answer = browser.post("/tickets", data={"error_text": RATE_LIMIT} | form)
    assert answer.status_code == 303, read(answer).text
    return newest()


def newest() -> Ticket:
    return db.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def test_the_first_page_has_one_box_and_says_that_nothing_is_stored_yet(guest: FlaskClient) -> None:
    page = read(guest.get("/"))
    assert page.form("/report").sends["text"] == ""
    assert "Nothing is stored until you file a ticket" in page.text


def test_a_paste_fills_the_form_with_what_it_says(guest: FlaskClient) -> None:
    sends = pasted(guest, CHINESE_PASTE).form("/tickets").sends
    assert (sends["status_code"], sends["model"], sends["client"], sends["client_version"]) == ("429", "gpt-4o", "Cherry Studio", "1.6.2")
    assert "Rate limit reached for gpt-4o" in sends["error_text"]
    assert sends["key_mask"] == "sk-…9f3c"


def test_a_paste_shows_what_was_hidden_and_never_the_secret(guest: FlaskClient) -> None:
    page = pasted(guest, CHINESE_PASTE)
    assert "2 things were hidden in your text" in page.text
    assert KEY not in page.html
    assert "lin.mei" not in page.html


def test_a_paste_names_the_likely_cause_and_what_to_do(guest: FlaskClient) -> None:
    cause = book().causes["rate-limit-rpm"]
    assert cause.title["en"] in pasted(guest, RATE_LIMIT).text
    assert cause.title["zh"] in read(guest.post("/report?lang=zh", data={"text": RATE_LIMIT})).text


def test_the_form_asks_for_what_is_missing_and_not_for_what_is_known(guest: FlaskClient) -> None:
    page = pasted(guest, RATE_LIMIT)
    missing = page.html.split("What is still missing")[1].split("More details")[0]
    assert 'name="client"' in missing
    assert 'name="status_code"' not in missing
    assert 'name="error_text"' not in missing


@pytest.mark.parametrize("text", ["", " \n ", "x" * 300_000, "\x00\x01", "🙂" * 5000, "<script>alert(1)</script>", "{{ 7*7 }}"])
def test_any_paste_is_answered_with_a_form(guest: FlaskClient, text: str) -> None:
    page = pasted(guest, text)
    assert page.form("/tickets").sends.keys() >= {"error_text", "description"}
    assert "<script>alert" not in page.html
    assert "49" not in page.form("/tickets").sends["error_text"]


def stored_rows() -> dict[str, int]:
    """Rows by table; that an answer was shown is counted by the hour, with nothing of what was pasted."""
    return {table: rows for table, rows in row_counts().items() if table != "shown_answer"}


def test_looking_stores_nothing(guest: FlaskClient) -> None:
    before = stored_rows()
    pasted(guest, CHINESE_PASTE)
    guest.get("/report")
    guest.post("/report/check", data={"error_text": CHINESE_PASTE, "description": "since noon"})
    assert stored_rows() == before


def test_looking_asks_the_log_only_when_an_id_or_a_key_is_exact(world: World, guest: FlaskClient) -> None:
    with statements() as by_tail:
        pasted(guest, RATE_LIMIT + " key sk-...9f3c")
    with statements() as by_id:
        pasted(guest, f"{RATE_LIMIT} x-litellm-call-id: {world.request_id}")
    assert not [sql for sql in by_tail if "log_record" in sql]
    assert [sql for sql in by_id if "log_record" in sql]


def test_what_a_stranger_learns_from_a_matched_row_harms_nobody(world: World, guest: FlaskClient) -> None:
    page = pasted(guest, f"{RATE_LIMIT} x-litellm-call-id: {world.request_id}")
    for private in ("search-prod", "u-search", "search-team", "production"):
        assert private not in page.html


def test_a_checked_form_keeps_what_was_typed_redacted(guest: FlaskClient) -> None:
    answer = guest.post("/report/check", data={"error_text": CHINESE_PASTE, "status_code": "4o9", "model": f"gpt {KEY}"})
    page = read(answer)
    assert answer.status_code == 422
    assert page.form("/tickets").sends["status_code"] == "4o9"
    assert "一直失败" in page.form("/tickets").sends["error_text"]
    assert KEY not in page.html
    assert "There is something to correct" in page.text


def test_an_empty_report_is_refused_with_the_way_out(guest: FlaskClient) -> None:
    answer = guest.post("/tickets", data={"model": "gpt-4o"})
    assert answer.status_code == 422
    assert "say in your own words what happened" in read(answer).text
    assert newest().id == 2


def test_a_time_in_the_future_is_refused(guest: FlaskClient) -> None:
    late = {"error_text": RATE_LIMIT, "request_time": "2026-11-20 23:30", "time_zone": "UTC"}
    answer = guest.post("/tickets", data=late)
    assert answer.status_code == 422
    assert "That is in the future" in read(answer).text


def test_a_time_is_read_in_the_readers_zone(guest: FlaskClient) -> None:
    ticket = filed(guest, request_time="2026-11-20 16:26", time_zone="Asia/Shanghai", tolerance_minutes="5")
    assert ticket.request_time is not None
    assert ticket.request_time.isoformat() == "2026-11-20T08:26:00+00:00"
    assert (ticket.time_zone, ticket.tolerance_minutes) == ("Asia/Shanghai", 5)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "America", "x" * 64, "Asia/上海"])
def test_a_zone_that_is_none_is_the_desks_own(guest: FlaskClient, zone: str) -> None:
    ticket = filed(guest, request_time="2026-11-20 08:26", time_zone=zone)
    assert ticket.request_time is not None
    assert ticket.request_time.hour == 8


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-40 10:00", "16:26"])
def test_a_time_that_cannot_be_read_is_refused_by_example(guest: FlaskClient, moment: str) -> None:
    answer = guest.post("/tickets", data={"error_text": RATE_LIMIT, "request_time": moment})
    assert answer.status_code == 422
    assert "Write it as 2026-11-20 16:30" in read(answer).text


def test_a_masked_key_is_kept_as_its_tail(guest: FlaskClient) -> None:
    ticket = filed(guest, key_mask="sk-****9f3c")
    assert (ticket.key_prefix, ticket.key_last4, ticket.key_fingerprint) == ("sk-", "9f3c", None)


def test_a_whole_key_in_the_mask_field_is_masked_on_arrival_and_kept_nowhere(world: World, guest: FlaskClient) -> None:
    checked = guest.post("/report/check", data={"error_text": RATE_LIMIT, "key_mask": KEY})
    assert KEY[4:-4] not in checked.text
    assert read(checked).form("/tickets").sends["key_mask"] == "sk-…9f3c"
    ticket = filed(guest, key_mask=KEY)
    assert ticket.key_last4 == "9f3c"
    assert ticket.key_fingerprint == fingerprint_of_key(world.app.extensions["settings"].pepper, KEY)
    assert KEY[4:-4] not in stored_text()


@pytest.mark.parametrize("typed", ["hunter2", "sk-", "密钥", "a" * 3])
def test_what_is_no_key_leaves_no_key(guest: FlaskClient, typed: str) -> None:
    ticket = filed(guest, key_mask=typed)
    assert ticket.key_fingerprint is None
    assert typed not in stored_text().split("Rate limit")[0]


def test_the_browsers_hash_of_the_key_becomes_its_fingerprint_and_finds_the_log_line(world: World, guest: FlaskClient) -> None:
    ticket = filed(
        guest, key_mask="sk-…9f3c", key_hash=SHA256, request_time="2026-11-20 08:26", time_zone="UTC", tolerance_minutes="5", model="gpt-4o"
    )
    best = tickets.matches(ticket.id)[0]
    assert ticket.key_fingerprint == fingerprint_of_key(world.app.extensions["settings"].pepper, KEY)
    assert best.request_id == world.request_id
    assert best.probability > 0.9
    assert SHA256 not in stored_text()


@pytest.mark.parametrize("sent", [SHA256[:-1], SHA256 + "0", "z" * 64, KEY])
def test_a_hash_of_another_shape_is_dropped(guest: FlaskClient, sent: str) -> None:
    assert filed(guest, key_mask="sk-…9f3c", key_hash=sent).key_fingerprint is None


def test_a_key_found_in_the_paste_travels_as_a_signed_reference(world: World, guest: FlaskClient) -> None:
    sends = pasted(guest, CHINESE_PASTE).form("/tickets").sends
    assert filed(guest, **sends).key_fingerprint == fingerprint_of_key(world.app.extensions["settings"].pepper, KEY)
    forged = sends | {"key_ref": sends["key_ref"][:-2] + "xx"}
    assert filed(guest, **forged).key_fingerprint is None


def test_another_mask_than_the_pasted_keys_wins_over_the_reference(guest: FlaskClient) -> None:
    sends = pasted(guest, CHINESE_PASTE).form("/tickets").sends
    ticket = filed(guest, **sends | {"key_mask": "sk-…77aa"})
    assert (ticket.key_last4, ticket.key_fingerprint) == ("77aa", None)


def test_a_guest_is_sent_to_a_secret_link_that_is_kept_as_a_hash(guest: FlaskClient) -> None:
    answer = guest.post("/tickets", data={"error_text": RATE_LIMIT})
    link = answer.headers["Location"]
    token = link.split("/t/")[1].split("?")[0]
    assert answer.status_code == 303
    assert len(token) >= 43
    assert token not in stored_text()
    page = read(guest.get(link))
    assert f"/t/{token}" in page.text
    assert "Keep this address" in page.text


def test_a_signed_in_person_finds_the_ticket_in_their_list(world: World) -> None:
    from app.core.roles import Role

    client = world.client(Role.USER)
    answer = client.post("/tickets", data={"error_text": RATE_LIMIT, "description": "Since this morning."})
    assert answer.headers["Location"] == f"/tickets/{newest().id}"
    assert f"/tickets/{newest().id}" in read(client.get("/tickets")).links


def test_a_report_in_chinese_is_a_chinese_ticket(guest: FlaskClient) -> None:
    guest.post("/tickets?lang=zh", data={"description": "从今天下午开始一直报错 429"})
    assert newest().language == "zh"
    assert newest().description == "从今天下午开始一直报错 429"


def test_a_client_is_kept_by_its_known_name(guest: FlaskClient) -> None:
    assert filed(guest, client="cherrystudio").client == "Cherry Studio"
    assert filed(guest, client="我的脚本").client == "我的脚本"


def test_a_base_url_loses_its_query(guest: FlaskClient) -> None:
    assert filed(guest, base_url="https://gw.example.com/v1?user=7").base_url == "https://gw.example.com/v1"


def test_this_solved_it_is_counted_and_makes_no_ticket(world: World, guest: FlaskClient) -> None:
    before = row_counts()
    answer = guest.post("/report/solved", data={"cause": "rate-limit-rpm", "article": ""})
    after = row_counts()
    assert answer.status_code == 303
    assert after["self_service"] == before["self_service"] + 1
    assert after["ticket"] == before["ticket"]


@pytest.mark.parametrize("form", [{"cause": "made-up"}, {"article": "999999"}, {"article": "9" * 30}, {"article": "x"}, {}])
def test_this_solved_it_with_nonsense_is_counted_without_it(guest: FlaskClient, form: dict[str, str]) -> None:
    from app.store.database import db

    assert guest.post("/report/solved", data=form).status_code == 303
    db.session.rollback()
    counted = db.session.query(SelfService).one()
    assert (counted.cause, counted.article_id, counted.solved) == (None, None, True)


def test_the_article_of_the_cause_is_shown_before_filing(world: World, guest: FlaskClient) -> None:
    from app.core.article import print_article
    from app.operations.kb_files import import_kb
    from app.store.kb_files import write_article
    from tests.conftest import NOW

    folder = world.app.extensions["settings"].kb_dir
    write_article(folder, "en", "rate-limit", print_article(content()))
    import_kb(folder, world.app.extensions["rulebook"], NOW)
    assert "/kb/en/rate-limit" in pasted(guest, RATE_LIMIT).links


def test_checking_costs_the_same_number_of_queries_however_many_tickets_there_are(world: World, guest: FlaskClient) -> None:
    form = {"error_text": RATE_LIMIT, "key_mask": "sk-…9f3c", "key_hash": SHA256, "request_time": "2026-11-20 08:26", "time_zone": "UTC"}
    with statements() as few:
        guest.post("/report/check", data=form)
    for _each in range(20):
        filed(guest)
    with statements() as many:
        guest.post("/report/check", data=form)
    assert len(many) == len(few)
