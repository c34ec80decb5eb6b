import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from community import nightly
from community.lib.steps import Step
from community.models import StepRun

DAY = dt.date(2026, 3, 1)

pytestmark = pytest.mark.django_db


def counting_step(name="count"):
    calls = []

    def run(as_of):
        calls.append(as_of)
        return {"calls": len(calls)}

    return Step(name, run, "Counts its calls."), calls


def failing_step():
    def run(as_of):
        raise ValueError("no data today")

    return Step("broken", run, "Fails.")


def test_a_step_that_fails_is_recorded_and_the_next_one_runs():
    step, calls = counting_step()

    broken, counted = nightly.run_night(DAY, steps=[failing_step(), step])

    assert broken.state == StepRun.State.FAILED
    assert "no data today" in broken.error
    assert counted.state == StepRun.State.DONE
    assert calls == [DAY]


def test_the_same_night_twice_keeps_one_record_of_the_latest():
    step, _ = counting_step()

    nightly.run_night(DAY, steps=[step])
    nightly.run_night(DAY, steps=[step])

    assert StepRun.objects.get().result == {"calls": 2}


def test_a_night_that_was_killed_goes_on_where_it_stopped():
    first, first_calls = counting_step("first")
    second, second_calls = counting_step("second")
    nightly.run_night(DAY, steps=[first])

    nightly.run_night(DAY, steps=[first, second], resume=True)

    assert len(first_calls) == 1
    assert len(second_calls) == 1


@pytest.mark.django_db(transaction=True)
def test_two_nights_do_not_run_at_once():
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [nightly.LOCK])
    try:
        with pytest.raises(nightly.NightIsRunning):
            nightly.run_night(DAY, steps=[])
    finally:
        with other.cursor() as cursor:  # closing alone releases it a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [nightly.LOCK])
        other.close()

    assert nightly.run_night(DAY, steps=[]) == []


def test_the_command_prints_every_step_as_json(monkeypatch, capsys):
    step, _ = counting_step()
    monkeypatch.setattr("community.management.commands.nightly.STEPS", [step])

    call_command("nightly", as_of=DAY, json=True)

    night = json.loads(capsys.readouterr().out)
    assert night["as_of"] == "2026-03-01"
    assert night["steps"]["count"]["state"] == "done"
    assert night["steps"]["count"]["result"] == {"calls": 1}


def test_the_command_fails_when_a_step_fails(monkeypatch):
    monkeypatch.setattr("community.management.commands.nightly.STEPS", [failing_step()])

    with pytest.raises(CommandError, match="Failed: broken"):
        call_command("nightly", as_of=DAY)


def test_every_step_has_its_own_name_and_purpose():
    names = [step.name for step in nightly.STEPS]

    assert len(set(names)) == len(names)
    assert all(step.purpose for step in nightly.STEPS)
