from tests.access.rows import (
    BAD,
    GO,
    MISSING,
    NO,
    OK,
    everybody,
    signed_in,
    writing,
)


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
    "incentives:shop": [signed_in("/shop/")],
    "incentives:reward": [
        writing(lambda w: w.reward.get_absolute_url(), OK, method="get"),
        writing(lambda w: w.reward.get_absolute_url(), BAD, data={"name": ""}),
        writing("/shop/999999/", MISSING, method="get"),
    ],
    "incentives:my_rewards": [signed_in("/shop/orders/")],
    "incentives:redemption": [
        signed_in(lambda w: w.redemption.get_absolute_url(), MISSING, member=OK),
    ],
    "incentives:redemption_cancel": [
        writing(
            lambda w: f"{w.redemption.get_absolute_url()}cancel/", MISSING, member=OK
        ),
    ],
    "incentives:redemption_arrived": [
        writing(
            lambda w: f"{w.redemption.get_absolute_url()}arrived/", MISSING, member=GO
        ),
    ],
    "incentives:picking": [
        writing("/shop/picking/", NO, method="get", operator=OK),
        writing("/shop/picking/", NO, data={"reason": ""}, operator=BAD),
    ],
    "incentives:coupons": [signed_in("/coupons/")],
    "incentives:coupon_enter": [
        writing("/coupons/enter/", BAD, data={"code": "nothing"}),
    ],
    "incentives:coupon_take": [
        writing(coupon("coupon")),
        writing(coupon("listed_coupon"), MISSING),
    ],
    "incentives:coupon_link": [everybody("/c/SPRING/", GO)],
    "incentives:campaign": [
        signed_in(
            lambda world: f"/points/campaigns/{world.campaign.pk}/", MISSING, member=OK
        ),
    ],
    "incentives:check": [
        signed_in(lambda w: w.suspicion.get_absolute_url(), MISSING, member=OK),
    ],
    "incentives:check_state": [
        writing(
            lambda w: f"{w.suspicion.get_absolute_url()}state/", MISSING, member=BAD
        ),
    ],
    "incentives:check_appeal": [
        writing(
            lambda w: f"{w.suspicion.get_absolute_url()}appeal/", MISSING, member=BAD
        ),
    ],
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
