from smtplib import SMTPException

from celery import shared_task

from accounts.services import (
    digests,
    exports,
    mails,
    news_mails,
    orders,
    payments,
    refunds,
    renewals,
    robots,
    roles,
    sanctions,
)


@shared_task
def receive_test_notice(body: str, signature: str) -> None:
    """The test gateway's post: the very bytes that a real one would send us."""
    payments.receive_notice(
        gateway_name="test",
        body=body.encode(),
        headers={"X-Signature": signature},
    )


@shared_task
def ask_about_open_payments() -> None:
    payments.ask_about_open_payments()
    orders.expire_old_orders()


@shared_task
def make_export(export_id: int) -> None:
    exports.make(export_id)


@shared_task
def send_refund(refund_id: int) -> None:
    refunds.send(refund_id)


@shared_task
def advance_subscriptions() -> None:
    renewals.advance_all()


@shared_task
def send_waiting_refunds() -> None:
    refunds.send_waiting()


@shared_task(
    autoretry_for=(OSError, SMTPException),
    retry_backoff=True,
    max_retries=5,
)
def deliver_mail(mail_id: int) -> None:
    mails.deliver(mail_id)


@shared_task
def deliver_waiting_mails() -> None:
    mails.deliver_waiting()


@shared_task
def end_due_roles() -> None:
    roles.end_due_roles()


@shared_task
def mail_news() -> None:
    news_mails.mail_due()


@shared_task
def send_digests() -> None:
    digests.send_due()


@shared_task
def send_robot_messages() -> None:
    robots.send_due()


@shared_task
def end_due_sanctions() -> None:
    sanctions.end_due()
