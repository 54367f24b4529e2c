"""Letters over SMTP with STARTTLS. A repeated letter bears the same Message-ID, so that mailboxes can drop it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage

from ingest.notify.egress import Egress, NoWayError
from ingest.notify.parcels import Later, Outcome, Parcel, Refused, Sent
from ingest.notify.settings import MailChannel
from ingest.notify.texts import subject_of


class _PinnedSmtp(smtplib.SMTP):
    """Connects to the address that was looked at, and asks the server's certificate for the name."""

    def __init__(self, address: str, host: str, port: int, timeout_s: float) -> None:
        self._address = address
        super().__init__(host, port, local_hostname="phoan.local", timeout=timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class Mail:
    def __init__(self, settings: MailChannel, egress: Egress) -> None:
        self._settings = settings
        self._egress = egress

    def send(self, parcel: Parcel, text: str) -> Outcome:
        try:
            self._deliver(self._letter(parcel, text))
        except NoWayError as error:
            return error.outcome
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return Refused(f"smtp_{codes[0]}") if all(code >= 500 for code in codes) else Later(f"smtp_{codes[0]}")
        except smtplib.SMTPResponseException as error:
            code = f"smtp_{error.smtp_code}"
            return Refused(code) if error.smtp_code >= 500 else Later(code)
        except smtplib.SMTPNotSupportedError:
            return Refused("smtp_without_starttls")
        except ssl.SSLError:
            return Later("tls")
        except TimeoutError:
            return Later("timeout")
        except (smtplib.SMTPException, OSError):
            return Later("unreachable")
        return Sent()

    def _deliver(self, letter: EmailMessage) -> None:
        """Hand `letter` to the relay. Raises smtplib.SMTPException, OSError or NoWayError."""
        settings = self._settings
        address = self._egress.address(settings.host, settings.port)
        with _PinnedSmtp(address, settings.host, settings.port, settings.timeout_s) as relay:
            if settings.starttls:
                relay.starttls(context=ssl.create_default_context(cafile=settings.tls_ca))
            if settings.username and settings.password:
                relay.login(settings.username, settings.password.get_secret_value())
            relay.send_message(letter)

    def _letter(self, parcel: Parcel, text: str) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = subject_of(text, self._settings.language)
        letter["From"] = self._settings.sender
        letter["To"] = ", ".join(self._settings.to)
        letter["Message-ID"] = f"<{parcel.id}@phoan>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text, cte="quoted-printable")
        return letter
