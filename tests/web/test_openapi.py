"""The description of the interface and what it really answers agree, whatever is sent."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.adapters import FORMATS
from app.core.roles import Role
from app.operations.desk_tokens import make_desk_token
from app.operations.tokens import make_token
from app.web import openapi_tickets
from app.web.openapi import describe
from tests.conftest import NOW
from tests.routes import calls
from tests.world import inhabit

CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance)
PATHS = ("/api/v1/logs/litellm", "/api/v1/logs/ndjson", "/api/v1/logs/new_api")
assert set(PATHS) <= describe(FORMATS)["paths"].keys()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("with_token", [True, False])
def test_no_generated_request_gets_an_undescribed_answer(app: Flask, path: str, with_token: bool) -> None:
    token = make_token("fuzz", app.extensions["rulebook"].redactor, NOW)[1] if with_token else "none"
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)[path]["POST"]

    @settings(max_examples=25, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=list(CHECKS))

    check()


def test_no_generated_call_of_the_ticket_interface_gets_an_undescribed_answer(app: Flask) -> None:
    agent = inhabit(app).users[Role.AGENT]
    token = make_desk_token(agent, "fuzz", app.extensions["rulebook"].redactor, NOW)
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for path, methods in openapi_tickets.PATHS.items():
        for method in methods.keys() - {"parameters"}:

            @settings(max_examples=15, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
            @given(case=described[path][method.upper()].as_strategy())
            def check(case: schemathesis.Case) -> None:
                if "number" in case.path_parameters:
                    case.path_parameters["number"] = case.path_parameters["number"] % 4
                case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=list(CHECKS))

            check()


def test_every_ticket_route_is_described_with_its_methods_and_no_other(app: Flask) -> None:
    routes = {
        (rule.rule.replace("<int:number>", "{number}"), method.lower())
        for rule, method, _w, _a in calls(inhabit(app))
        if rule.endpoint.startswith("api.")
    }
    assert routes == {(path, method) for path, methods in openapi_tickets.PATHS.items() for method in methods.keys() - {"parameters"}}
