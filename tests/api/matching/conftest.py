"""Pools of people, and what only time or another service would do."""

import pytest
from pool import Pools, eventually


@pytest.fixture(scope="session")
def match_sql(stack):
    """match_sql(text): in the schema of matching, for what only time would do."""
    return lambda text: stack.postgres.sql(f"set search_path = matching; {text}").strip()


@pytest.fixture(scope="session")
def pools(coordinator, admin, new_person, match_sql):
    eventually(lambda: coordinator.post("/v1/programs", {"title": "A first try"}).status == 201)
    return Pools(coordinator, admin, new_person, match_sql)
