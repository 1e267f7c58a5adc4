from django import template

from studio.accounts import mail_is_printed

register = template.Library()
register.simple_tag(mail_is_printed)
