from .card import card_svg, write_card
from .mail import mail_html, mail_subject, write_mail

__all__ = ["card_svg", "mail_html", "mail_subject", "write_card", "write_mail"]
