"""Fields of forms written out without a template each: the same characters, many times sooner.

Django draws every field by a template, and every option of a choice by another two: a page where
people choose one of 600 time zones spent most of its time so. What is not known here is drawn by
Django, as ever.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize

WIDGETS: Final = "django/forms/widgets"
Widget = Mapping[str, Any]


class QuickRenderer(DjangoTemplates):
    """Draws the usual fields in Python, and all others by their templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Return the HTML of a field."""
        drawn = DRAWN.get(template_name)
        if drawn is None or not _is_usual(context["widget"], OPTION_OF.get(template_name)):
            return super().render(template_name, context, request)
        return drawn(context["widget"])


def _is_usual(widget: Widget, template: str | None) -> bool:
    """Return whether the options of a widget, where it has any, are drawn by that template."""
    return all(
        option["template_name"] == template
        for _group, options, _index in widget.get("optgroups", ())
        for option in options
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{shown}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    value = widget["value"]
    opening = f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>'
    return f"{opening}\n{_text(value) if value else ''}</textarea>"


def _select(widget: Widget) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        parts += [
            f'\n  <option value="{_text(one["value"])}"{_attributes(one)}>{_text(one["label"])}</option>\n'
            for one in options
        ]
        if group:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)


def _several(widget: Widget) -> str:
    own = widget["attrs"]
    names = [f' {name}="{_text(own[name])}"' for name in ("id", "class") if own.get(name)]
    parts = [f"<div{''.join(names)}>"]
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f"\n  <div><label>{_text(group)}</label>")
        parts += [f"<div>\n    {_labelled(one)}\n</div>" for one in options]
        if group:
            parts.append("\n  </div>")
    parts.append("\n</div>")
    return "".join(parts)


def _labelled(option: Widget) -> str:
    if not option.get("wrap_label"):
        return _input(option)
    own = option["attrs"].get("id")
    opening = f'<label for="{_text(own)}">' if own else "<label>"
    return f"{opening}{_input(option)}\n {_text(option['label'])}</label>\n"


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: object) -> str:
    """Return a value as it stands in HTML; what says that it is HTML already stays as it is."""
    if hasattr(value, "__html__") and isinstance(value, str):
        return str(value)
    return escape(value if type(value) is str else str(localize(value)))


OPTION_OF: Final = {
    f"{WIDGETS}/select.html": f"{WIDGETS}/select_option.html",
    f"{WIDGETS}/radio.html": f"{WIDGETS}/radio_option.html",
    f"{WIDGETS}/checkbox_select.html": f"{WIDGETS}/checkbox_option.html",
}
DRAWN: Final[Mapping[str, Callable[[Widget], str]]] = {
    **dict.fromkeys(
        (
            f"{WIDGETS}/{name}.html"
            for name in (
                "input", "text", "number", "email", "url", "password", "hidden", "date", "datetime",
                "time", "file", "checkbox",
            )
        ),
        _input,
    ),
    f"{WIDGETS}/textarea.html": _textarea,
    f"{WIDGETS}/select.html": _select,
    f"{WIDGETS}/radio.html": _several,
    f"{WIDGETS}/checkbox_select.html": _several,
}  # fmt: skip
