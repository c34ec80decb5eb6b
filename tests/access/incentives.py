from tests.access.rows import BAD, GO, MISSING, everybody, signed_in, writing


def bounty(name, tail=""):
    return lambda world: f"/topics/{getattr(world, name).pk}/bounty/{tail}"


def coupon(name):
    return lambda world: f"/coupons/{getattr(world, name).pk}/take/"


ROWS = {
    "incentives:points": [signed_in("/points/")],
    "incentives:levels": [signed_in("/points/levels/")],
    "incentives:badges": [signed_in("/points/badges/")],
    "incentives:ranking": [
        signed_in("/points/ranking/"),
        signed_in("/points/ranking/?period=never", BAD),
    ],
    "incentives:ranking_leave": [writing("/points/ranking/leave/")],
    "incentives:ranking_come_back": [writing("/points/ranking/come-back/")],
    "incentives:ways": [signed_in("/points/ways/")],
    "incentives:coupons": [signed_in("/coupons/")],
    "incentives:coupon_enter": [
        writing("/coupons/enter/", BAD, data={"code": "nothing"}),
    ],
    "incentives:coupon_take": [
        writing(coupon("coupon")),
        writing(coupon("listed_coupon"), MISSING),
    ],
    "incentives:coupon_link": [everybody("/c/SPRING/", GO)],
    "incentives:bounty": [
        signed_in(bounty("topic")),
        signed_in(bounty("inside_topic"), MISSING),  # it is no question
        signed_in(bounty("private_topic"), MISSING),
    ],
    "incentives:bounty_put_up": [
        writing(bounty("topic", "add/"), BAD, data={"points": "10"}),
        writing(bounty("private_topic", "add/"), MISSING, data={"points": "10"}),
    ],
}
