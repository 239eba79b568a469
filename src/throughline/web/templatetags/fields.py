"""A field of a form with its label, help and errors: drawn in Python, since pages have hundreds."""

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from throughline.web.templatetags.ui import ICONS, draw_icon

register = template.Library()
OPTIONAL = SafeString(' <span class="optional">(optional)</span>')
NOTHING = SafeString("")


@register.simple_tag
def form_field(field: BoundField) -> SafeString:
    """Return a field as people fill it in."""
    if field.is_hidden:
        return SafeString(field)
    optional, notes = NOTHING if field.field.required else OPTIONAL, _notes(field)
    if field.use_fieldset:
        described = field.aria_describedby
        by = format_html(' aria-describedby="{}"', described) if described else NOTHING
        return format_html(
            '<fieldset class="field"{}><legend>{}{}</legend>\n{}{}</fieldset>',
            by, field.label, optional, field, notes,
        )  # fmt: skip
    if field.widget_type == "checkbox":
        return format_html(
            '<div class="field choice">{}<label for="{}">{}</label>{}</div>',
            field, field.id_for_label, field.label, notes,
        )  # fmt: skip
    return format_html(
        '<div class="field"><label for="{}">{}{}</label>\n{}{}</div>',
        field.id_for_label, field.label, optional, field, notes,
    )  # fmt: skip


def _notes(field: BoundField) -> SafeString:
    help_text = NOTHING
    if field.help_text:
        help_text = format_html(
            '<p class="help" id="{}_helptext">{}</p>', field.auto_id, field.help_text
        )
    if not field.errors:
        return help_text
    said = format_html_join(
        "",
        '<p class="field-error">{}<span>{}</span></p>',
        ((draw_icon(static(ICONS), "warning", ""), error) for error in field.errors),
    )
    return format_html('{}<div id="{}_error">{}</div>', help_text, field.auto_id, said)
