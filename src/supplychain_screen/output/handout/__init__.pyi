from .card import card_svg, write_card
from .dots import inks_of
from .mail import mail_html, mail_subject, write_mail

__all__ = ["card_svg", "inks_of", "mail_html", "mail_subject", "write_card", "write_mail"]
