"""What must be true of an item before it goes out, and what is said where it is not.
Operators change the lists."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language

from community.lib.languages import in_language
from content.models import ChecklistPoint, Item, ReturnReason

DEFAULTS = [
    ("", "The title says what it is about.", "标题说清了内容是什么。"),
    (
        "",
        "The summary tells who it is for and what they take along.",
        "摘要说明了适合谁、能收获什么。",
    ),
    (
        "",
        "Facts and figures name their sources.",
        "事实和数据都注明了来源。",
    ),
    (
        "",
        "Nobody's rights are hurt: texts and pictures may be used.",
        "没有侵犯他人权利：文字和图片都可以使用。",
    ),
    (
        "course",
        "The first lesson can be followed by whoever it is for.",
        "目标学员能跟上第一课。",
    ),
    (
        "case",
        "The people of the case agree or cannot be told.",
        "案例当事人已同意，或无法被辨认。",
    ),
    (
        "case",
        "The result is shown by numbers or by witnesses.",
        "结果有数据或当事人佐证。",
    ),
    ("news", "The source was opened and says the same.", "已打开信源核对，内容一致。"),
    (
        "report",
        "The summary can be understood without the body.",
        "不读正文也能看懂摘要。",
    ),
    ("recording", "Whoever is heard or seen has agreed.", "出镜和出声的人都已同意。"),
]


# What editors say most often when they send something back.
REASONS = [
    ("Name the sources of facts and figures.", "请注明事实和数据的来源。"),
    (
        "Say in the summary who it is for and what they take along.",
        "请在摘要里写明适合谁、能收获什么。",
    ),
    ("Say each thing once: it becomes shorter.", "请精简：每件事只说一遍。"),
    ("Show it by an example of your own.", "请补充自己的例子。"),
    (
        "Make sure that texts and pictures of others may be used.",
        "请确认引用他人的文字和图片已获许可。",
    ),
]


def make_default_reasons(**kwargs: Any) -> None:
    if ReturnReason.objects.exists():
        return
    ReturnReason.objects.bulk_create(
        ReturnReason(text=text, text_zh=chinese, position=place)
        for place, (text, chinese) in enumerate(REASONS)
    )


def make_defaults(**kwargs: Any) -> None:
    if ChecklistPoint.objects.exists():
        return
    ChecklistPoint.objects.bulk_create(
        ChecklistPoint(kind=kind, text=text, text_zh=chinese, position=place)
        for place, (kind, text, chinese) in enumerate(DEFAULTS)
    )


@dataclass(frozen=True)
class Point:
    pk: int
    text: str
    is_true: bool


def points_of(item: Item) -> list[Point]:
    """The checklist of its kind, with what was ticked."""
    ticked = set(item.ticks.values_list("point_id", flat=True))
    points = ChecklistPoint.objects.filter(Q(kind="") | Q(kind=item.kind))
    return [
        Point(point.pk, _in_language(point), point.pk in ticked) for point in points
    ]


def points_open(item: Item) -> list[str]:
    return [point.text for point in points_of(item) if not point.is_true]


def _in_language(point: ChecklistPoint) -> str:
    return in_language(get_language() or "", point.text, point.text_zh)
