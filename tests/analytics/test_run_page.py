import datetime as dt

import pytest
from django.urls import reverse

from analytics import run_page
from analytics.models import ModelRun
from analytics.services.activity_model import run_activity_model
from analytics.services.rollup import roll_up
from tests.analytics.conftest import SNAPSHOT, make_history

pytestmark = pytest.mark.django_db


def parameter(name, value, low, high):
    return {"name": name, "value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            parameter("visits", 0.811, 0.767, 0.854),
            "One more visit day goes with 0.81 more active days, 0.77 to 0.85.",
        ),
        (
            parameter("interactions", 0.0036, 0.0016, 0.0056),
            "100 more interactions go with 0.36 more active days, 0.16 to 0.56.",
        ),
        (
            parameter("content", -0.02, -0.03, -0.01),
            "100 more pieces of content go with 2.00 fewer active days, 1.00 to 3.00.",
        ),
        (
            parameter("content", -0.0017, -0.0105, 0.0071),
            "Content consumed: not distinguishable from zero; 100 more go with "
            "-1.05 to 0.71 active days.",
        ),
    ],
)
def test_a_coefficient_in_words(given, words):
    assert run_page.coefficient_sentence(given) == words


def test_marks_of_the_chart_lie_within_it():
    chart = run_page.CalibrationChart(
        [
            {"n": 5, "predicted": -0.4, "actual": 0.0},
            {"n": 5, "predicted": 14.0, "actual": 13.0},
            {"n": 5, "predicted": 27.0, "actual": 28.0},
        ]
    )

    assert chart.highest == 32
    for mark in chart.marks:
        assert chart.left <= mark.x <= chart.right
        assert chart.top <= mark.y <= chart.bottom
    assert [tick.label for tick in chart.up] == ["0", "8", "16", "24", "32"]


def page_of(client, operator, run):
    client.force_login(operator)
    url = reverse("admin:analytics_modelrun_change", args=[run.pk])
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


STEPS = [
    *("Background", "Collection", "Preprocessing", "Model"),
    *("Training", "Evaluation", "Application", "Result"),
]


def test_the_page_shows_the_eight_steps_with_their_numbers(client, operator, history):
    roll_up()
    run = run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=56))

    text = page_of(client, operator, run)

    for number, step in enumerate(STEPS, start=1):
        assert f"<h2>{number}. {step}</h2>" in text
    assert "One more visit day goes with" in text
    assert text.count('class="report__mark"') == len(
        run.numbers["evaluation"]["deciles"]
    )
    assert f"{run.numbers['population']['members']} members are counted" in text
    assert run.numbers["origins"][0]["origin"] in text
    report = text[text.index('<article class="report">') : text.index("</article>")]
    assert "style=" not in report
    assert "<script" not in report


def test_a_run_with_too_little_data_says_why(client, operator):
    history = make_history(members=20)
    roll_up()
    run = run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=28))

    text = page_of(client, operator, run)

    assert "There was too little data for a model." in text
    assert "too few members" in text
    assert "5. Training" not in text


def test_lists_of_runs_and_expectations(client, operator, history):
    roll_up()
    run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=28))
    client.force_login(operator)

    runs = client.get(reverse("admin:analytics_modelrun_changelist"))
    scores = client.get(
        reverse("admin:analytics_activityscore_changelist"), {"q": "history-1"}
    )

    assert ModelRun.objects.get().get_verdict_display() in runs.content.decode()
    assert scores.status_code == 200


def test_members_do_not_see_the_models(client, member, history):
    run = ModelRun.objects.create(
        kind="activity",
        space=history.space,
        snapshot=SNAPSHOT,
        window=28,
        verdict="too_little",
        started_at=history.space.created_at,
        finished_at=history.space.created_at,
    )
    client.force_login(member)
    url = reverse("admin:analytics_modelrun_change", args=[run.pk])

    assert client.get(url).status_code == 302
