from tests.access.rows import GO, MISSING, NO, OK, SIGN_IN, Row, everybody

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
    "brand_stylesheet": [everybody("/brand/0.css")],
    "brand_picture": [everybody("/brand/0.png")],
    "brand_logo": [everybody("/media/brand/none.webp", MISSING)],
    "robots": [everybody("/robots.txt")],
    "sitemap": [everybody("/sitemap.xml")],
    "setup": [everybody("/setup/", NO)],
}
