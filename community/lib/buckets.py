"""Uploads in a bucket of S3, or of a store that speaks like it."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

# Seconds. The bucket does not ask whether the reader may still have the file, so it is
# no longer than a player needs to go on reading; then it comes back to us.
LINKS_LAST = 15 * 60


class Bucket(NamedTuple):
    """Where uploads lie; without a name, on disk. Without keys, the machine's own
    role is asked."""

    name: str
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""


def storage(bucket: Bucket) -> dict[str, Any]:
    """The bucket, as Django's settings name a storage."""
    from botocore.config import Config  # slow, and most sites have no bucket

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket.name,
            "endpoint_url": bucket.endpoint or None,
            "region_name": bucket.region,
            "access_key": bucket.access_key or None,
            "secret_key": bucket.secret_key or None,
            "default_acl": None,  # the bucket's own: private
            "file_overwrite": False,
            "querystring_expire": LINKS_LAST,
            "client_config": Config(
                signature_version="s3v4",
                # A name of its own for each bucket is Amazon's way; others need none.
                s3={"addressing_style": "path" if bucket.endpoint else "virtual"},
                # Amazon's newer checksums are not understood by all the others.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }


def origins(bucket: Bucket) -> list[str]:
    """Where the signed links lead, for the policy of the pages."""
    if not bucket.name:
        return []
    if bucket.endpoint:
        there = urlsplit(bucket.endpoint)
        return [f"{there.scheme}://{there.netloc}"]
    hosts = ("s3", f"s3.{bucket.region}")
    return [f"https://{bucket.name}.{host}.amazonaws.com" for host in hosts]
