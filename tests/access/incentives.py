from tests.access.rows import BAD, MISSING, OK, signed_in, writing


def bounty(name, tail=""):
    return lambda world: f"/topics/{getattr(world, name).pk}/bounty/{tail}"


ROWS = {
    "incentives:points": [signed_in("/points/")],
    "incentives:ways": [signed_in("/points/ways/")],
    "incentives:campaign": [
        signed_in(
            lambda world: f"/points/campaigns/{world.campaign.pk}/", MISSING, member=OK
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
