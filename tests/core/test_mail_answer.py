"""Of an answer by e-mail only what was written anew is read, whatever program sent it, in plain text or HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.mail_answer import check_mail
from app.store.mail_rules import mail_book

BOOK = mail_book()
NEW = "Still fails, now with 401.\n\n    at line 3\n\nThanks"
PLAIN = {
    "gmail": f"{NEW}\n\nOn Fri, Nov 20, 2026 at 4:30 PM AI gateway <help@desk.example>\nwrote:\n\n> -- {BOOK.mark['en']} --\n> old",
    "gmail zh": f"{NEW}\n\nAI gateway <help@desk.example> 于2026年11月20日周五 16:30写道：\n\n> 旧的",
    "apple zh": f"{NEW}\n\n> 在 2026年11月20日，16:30，AI gateway <help@desk.example> 写道：\n> \n> 旧的",
    "outlook": f"{NEW}\n\n________________________________\nFrom: AI gateway <help@desk.example>\nSent: Friday, November 20, 2026\nold",
    "outlook zh": f"{NEW}\r\n\r\n发件人: AI gateway <help@desk.example>\r\n发送时间: 2026年11月20日 16:30\r\n收件人: x\r\n旧的",
    "qq": f"{NEW}\n\n\n------------------ 原始邮件 ------------------\n发件人: x",
    "163": f'{NEW}\n\nAt 2026-11-20 16:30:00, "AI gateway" <help@desk.example> wrote:\n>old',
    "our mark alone": f"{NEW}\n\n-- {BOOK.mark['zh']} --\n旧的",
    "signature": f"{NEW}\n\n-- \nLina Wong\nSome Corp.",
    "phone": f"{NEW}\n\nSent from my iPhone",
    "phone zh": f"{NEW}\n\n发自我的iPhone",
    "quoted between": f"> did it help?\n{NEW}",
}


@pytest.mark.parametrize("program", PLAIN)
def test_quoted_parts_and_signatures_of_plain_text_are_cut(program: str) -> None:
    assert BOOK.answer(PLAIN[program]) == NEW


HTML = {
    "gmail": '<div dir="ltr">Still <b>fails</b></div><br><div class="gmail_quote"><div class="gmail_attr">On Fri</div><p>old</p></div>',
    "outlook": '<p class="MsoNormal">Still fails</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b></div>old',
    "apple": "<div>Still fails</div><blockquote type=cite><div>old</div></blockquote>",
    "thunderbird": '<p>Still fails</p><div class="moz-cite-prefix">On x wrote:</div><blockquote cite="mid:1">old</blockquote>',
    "mark": f"<style>p{{}}</style><p>Still fails</p><p>-- {BOOK.mark['en']} --</p><p>old</p>",
    "signature": '<div>Still fails</div><div class="gmail_signature">old Corp.</div>',
}


@pytest.mark.parametrize("program", HTML)
def test_quoted_parts_of_html_are_cut(program: str) -> None:
    assert BOOK.answer_of_html(HTML[program]) == "Still fails"


def test_code_in_html_keeps_its_lines_and_its_indent() -> None:
    assert BOOK.answer_of_html("<p>Log:</p><pre>a\n  b</pre><ul><li>one<li>two</ul>") == "Log:\n\na\n  b\n\n\none\ntwo"


def test_a_python_prompt_is_no_quote() -> None:
    assert BOOK.answer(">>> client.chat()\n401") == ">>> client.chat()\n401"


@given(st.text(alphabet="<>/=\"' abdivplockquote\n-_:于写道", max_size=300))
def test_nothing_makes_the_reader_fail(text: str) -> None:
    BOOK.answer(text)
    BOOK.answer_of_html(text)


def test_the_rules_prove_themselves() -> None:
    assert check_mail(BOOK) == []
