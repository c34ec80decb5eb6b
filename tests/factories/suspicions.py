from incentives.models import Suspicion


def make_suspicion(member, *, awards=(), points=0, **fields) -> Suspicion:
    numbers = {"awards": sorted(awards), "points": points, "score": 1.0, "share": 1.0}
    numbers |= {"favours": len(awards), "pairs": []}
    fields.setdefault("kind", Suspicion.Kind.RING)
    return Suspicion.objects.create(member=member, numbers=numbers, **fields)
