from tests.access.rows import MISSING, writing

ROWS = {
    "recommend:not_interested": [
        writing(lambda w: f"/recommend/{w.free.pk}/not-interested/"),
        writing(lambda w: f"/recommend/{w.draft.pk}/not-interested/", MISSING),
    ],
}
