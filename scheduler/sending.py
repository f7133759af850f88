"""Sends messages, in a process of its own behind the network guard: one JSON line in, one out.

``python -m scheduler.sending`` reads requests on standard input, so that no address or password stands on a command line.
Mail is put together here, because a stable Message-ID and a text beside the HTML are wanted; everything else is Apprise's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import smtplib
import ssl
import sys
import time
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any

from crawler.outgoing import send
from crawler.processguard import guard_process
from storage.errors import ZaesurError

_PATIENCE = 15  # seconds for each step of a connection


class NotDelivered(Exception):
    """Why a message did not arrive, in words without any secret."""


def main() -> None:
    """Answer each request until the input ends."""
    logging.disable(logging.CRITICAL)  # libraries log addresses
    refusals = guard_process()
    for line in sys.stdin:
        refusals.clear()
        request = json.loads(line)
        try:
            _send(request["channel"], request["message"])
            answer: dict[str, Any] = {"ok": True, "problem": None}
        except NotDelivered as error:
            answer = {"ok": False, "problem": refusals[0] if refusals else str(error)}
        except Exception as error:
            # a library's own mistake is this message's trouble, not the end of the sender; its words may hold the address
            answer = {"ok": False, "problem": refusals[0] if refusals else f"not delivered ({type(error).__name__})"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _send(channel: dict[str, str], message: dict[str, Any]) -> None:
    if channel["webhook"]:
        _post(channel["webhook"], channel["secret"], message)
        return
    import apprise
    from apprise.plugins.email.base import NotifyEmail

    asset = apprise.AppriseAsset(app_id="Zaesur", secure_logging=True)
    asset.http_redirects = False
    plugin: Any = apprise.Apprise.instantiate(channel["url"], asset=asset)
    if plugin is None:
        raise NotDelivered(
            "the channel's address is none that Apprise knows; see https://github.com/caronc/apprise/wiki"
        )
    plugin.socket_connect_timeout = plugin.socket_read_timeout = _PATIENCE
    if isinstance(plugin, NotifyEmail):
        _mail(plugin, message)
    elif not plugin.notify(title=message["subject"], body=message["chat"], body_format=apprise.NotifyFormat.TEXT):
        raise NotDelivered("the service did not take it")


def _mail(plugin: Any, message: dict[str, Any]) -> None:
    """One mail to each recipient, with a text and an HTML part and the same Message-ID on every attempt."""
    from apprise.plugins.email.smtp import AppriseSMTPController

    name, sender = plugin.from_addr[0], plugin.from_addr[1]
    if not plugin.targets:
        raise NotDelivered("the channel's address names no recipient")
    try:
        with AppriseSMTPController(
            host=plugin.smtp_host,
            port=plugin.port,
            secure_mode=plugin.secure_mode,
            user=plugin.user,
            password=plugin.password,
            verify_certificate=plugin.verify_certificate,
            socket_connect_timeout=_PATIENCE,
        ) as connection:
            for target_name, target in plugin.targets:
                mail = compose(message, formataddr((name or "Zäsur", sender)), formataddr((target_name or "", target)))
                if plugin.cc:
                    mail["Cc"] = ", ".join(sorted(plugin.cc))
                everyone = [target, *plugin.cc, *plugin.bcc]
                if not connection.sendmail(sender, everyone, mail.as_bytes(policy=SMTP).decode("ascii")):
                    raise NotDelivered("the mail server did not take it")
    except ssl.SSLCertVerificationError:
        raise NotDelivered("the mail server's certificate is not trusted") from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"the mail server answers {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(f"the mail server could not be reached ({type(error).__name__})") from None


def compose(message: dict[str, Any], sender: str, recipient: str) -> EmailMessage:
    """A mail, in seven-bit text, the same on every attempt."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, message["subject"]
    mail["Date"] = format_datetime(datetime.fromisoformat(message["written"]))
    domain = sender.rpartition("@")[2].rstrip(">") or "zaesur.invalid"
    mail["Message-ID"] = f"<{message['key']}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message["text"], cte="quoted-printable")
    mail.add_alternative(message["mail"], subtype="html", cte="quoted-printable")
    return mail


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """A webhook's signature: HMAC-SHA256 over id, timestamp and body, as Standard Webhooks (standardwebhooks.com) writes it."""
    signed = f"{key}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()).decode()


def secret_bytes(secret: str) -> bytes:
    """A secret as given: ``whsec_`` and base64, or plain text."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise NotDelivered("the webhook's secret begins with whsec_, but no base64 follows") from None
    return secret.encode()


def _post(url: str, secret: str, message: dict[str, Any]) -> None:
    """One signed POST; redirects are not followed, the answer's body is not kept."""
    body = json.dumps(message["payload"], ensure_ascii=False).encode()
    at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "zaesur",
        "webhook-id": message["key"],
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret, message["key"], at, body),
        "Idempotency-Key": message["key"],
    }
    try:
        status = send(url, body, headers=headers).status
    except ZaesurError as error:
        # its words name the host, never the path, where services put their secrets
        raise NotDelivered(str(error).replace(url, "the webhook's address")) from None
    if not 200 <= status < 300:
        raise NotDelivered(
            f"the webhook answers {status}{', and redirects are not followed' if status // 100 == 3 else ''}"
        )


if __name__ == "__main__":
    main()
