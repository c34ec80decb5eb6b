from tests.access.rows import GO, NO, OK, SIGN_IN, Row, everybody

STAFF = ("mentor", "volunteer", "reviewer", "planner", "operator")

ROWS = {
    "home": [everybody("/")],
    "healthz": [everybody("/healthz")],
    "readyz": [everybody("/readyz", "status 503")],  # tests run no worker
    "language": [Row(lambda _: "/language/", GO, {}, "post")],
    "favicon": [everybody("/favicon.ico", GO)],
    "appearance": [Row(lambda _: "/appearance/", GO, {}, "post")],
    "styleguide": [
        everybody("/styleguide/", SIGN_IN, **dict.fromkeys(STAFF, OK)),
    ],
    "robots": [everybody("/robots.txt")],
    "sitemap": [everybody("/sitemap.xml")],
    "setup": [everybody("/setup/", NO)],
}
