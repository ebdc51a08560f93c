"""Model names: what people say meets what gateways log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model_names import ModelNames
from app.store.rulebook import RULES_DIR, read_rules

DATA = read_rules(RULES_DIR, "models")
NAMES = ModelNames(DATA)


@pytest.mark.parametrize("example", DATA["hit"], ids=lambda example: example["said"])
def test_a_name_people_use_fits_the_logged_name(example):
    assert NAMES.agreement(example["said"], example["logged"]) >= example["at_least"]


@pytest.mark.parametrize("example", DATA["miss"], ids=lambda example: f"{example['said']} / {example['logged']}")
def test_another_model_does_not_fit(example):
    assert NAMES.agreement(example["said"], example["logged"]) <= example["at_most"]


@pytest.mark.parametrize("name", NAMES.names)
def test_every_model_in_the_rules_has_a_family_and_is_its_own_canonical_name(name):
    assert NAMES.family(name)
    assert NAMES.canonical(name) == name


def test_no_alias_belongs_to_two_models():
    owner: dict[str, str] = {}
    for row in DATA["model"]:
        for alias in (row["id"], *row["aliases"]):
            assert NAMES.canonical(alias) == row["id"], f"{alias} of {row['id']} is taken by {NAMES.canonical(alias)}"
            assert owner.setdefault(alias.lower(), row["id"]) == row["id"]


@pytest.mark.parametrize(
    ("name", "family", "kind"),
    [
        ("gpt-4o-mini", "gpt", "chat"),
        ("gpt-image-1", "gpt-image", "image"),
        ("text-embedding-3-small", "embedding", "embedding"),
        ("claude-3-5-sonnet@20240620", "claude", "chat"),
        ("可灵 v2", "kling", "video"),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen", "chat"),
        ("moonshot-v1-32k", "kimi", "chat"),
        ("o3-mini", "gpt", "chat"),
        ("our-house-model", None, None),
    ],
)
def test_family_and_kind(name, family, kind):
    assert (NAMES.family(name), NAMES.kind(name)) == (family, kind)


def test_an_unknown_name_comes_back_tidied():
    assert NAMES.canonical("Acme/House Model 7:free") == "house-model-7"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("用 gemini 2.5 pro 一直报错", "gemini 2.5 pro"),
        ("GPT4o返回429", "GPT4o"),
        ("Claude Code with claude-sonnet-4-5-20250929 fails", "claude-sonnet-4-5-20250929"),
        ("我在 Claude Code 里报错", None),
        ("通义千问 max 调不通", "通义千问 max"),
        ("deepseek 挂了", "deepseek"),
        ("using 4o mini today", "4o mini"),
        ("可灵 v2 视频任务失败", "可灵 v2"),
        ("nothing here", None),
    ],
)
def test_the_model_a_sentence_speaks_of(text, found):
    assert NAMES.mention(text) == found


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_have_an_agreement_between_nought_and_one(said, logged):
    assert 0.0 <= NAMES.agreement(said, logged) <= 1.0


@given(st.sampled_from(NAMES.names), st.sampled_from(NAMES.names))
def test_two_different_known_models_never_agree_much(one, other):
    assert NAMES.agreement(one, other) <= (1.0 if one == other else 0.2)
