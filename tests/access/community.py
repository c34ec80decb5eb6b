from tests.access.rows import GO, NO, OK, SIGN_IN, Row, everybody

ROWS = {
    "home": [everybody("/")],
    "healthz": [everybody("/healthz")],
    "readyz": [everybody("/readyz", "status 503")],  # tests run no worker
    "language": [Row(lambda _: "/language/", GO, {}, "post")],
    "favicon": [everybody("/favicon.ico", GO)],
    "appearance": [Row(lambda _: "/appearance/", GO, {}, "post")],
    "styleguide": [
        everybody("/styleguide/", SIGN_IN, mentor=OK, volunteer=OK, operator=OK)
    ],
    "setup": [everybody("/setup/", NO)],
}
