"""The HTML form of a mail's text: the same words in one column, for a phone. No images, nothing from outside, no colours
of text or ground, so that it stays readable where the reader's programme turns day into night.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

_ACCENT, _LINE, _HAIR = "#c8102e", "#8a8f98", "rgba(138,143,152,.45)"  # borders only: seen on white and on black
_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_NUMBERED = re.compile(r"\s*([0-9]{1,2}[.)]?)\s+(\S.*)")
_BULLET = re.compile(r"\s*[-•*]\s+(\S.*)")
_LINK = re.compile(r"https?://[^\s<>\"“”‘’\u0000-\u001f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?'…"
_CODE = re.compile(r"\[([0-9A-Z][0-9A-Z-]{3,30})\]")

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>{title}</title>
<style>:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}</style>
</head>
<body style="margin:0;padding:0;-webkit-text-size-adjust:100%">
<div style="max-width:34em;margin:0 auto;padding:24px 20px 32px;font:17px/1.55 {font};overflow-wrap:anywhere">
{head}{blocks}
</div>
</body>
</html>
"""
_HEAD = (
    '<p style="margin:0 0 22px;font-size:15px;font-weight:700;letter-spacing:.02em">'
    '<span style="display:inline-block;padding:0 2px 6px 0;border-bottom:3px solid {accent}">{office}</span></p>\n'
)
_PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
_QUOTE = '<p style="margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid {line}">{text}</p>'
_LIST = (
    '<table role="presentation" cellpadding="0" cellspacing="0" style="width:100%;margin:0 0 16px;border-collapse:collapse;'
    'font:inherit;border-bottom:1px solid {hair}">\n{rows}\n</table>'
)
_ROW = (
    '<tr><td style="width:1.6em;padding:9px 8px 9px 2px;border-top:1px solid {hair};vertical-align:top;font-weight:700;'
    'white-space:nowrap">{mark}</td> <td style="padding:9px 2px 9px 0;border-top:1px solid {hair};vertical-align:top">{text}'
    "</td></tr>"
)


def page(text: str, *, title: str, office: str, language: str) -> str:
    """`text` as a page under the office's name. The code that `title` has in brackets stands out in it."""
    found = _CODE.match(title)
    code = found[1] if found else None
    blocks: list[str] = []
    for quoted, parts in groupby(_parts(text), key=lambda part: part[1]):
        if quoted:
            words = "<br>\n<br>\n".join(_inline(lines, code) for lines, _ in parts)
            blocks.append(_QUOTE.format(line=_LINE, text=words))
        else:
            blocks += [block for lines, _ in parts for block in _blocks(lines, code)]
    head = _HEAD.format(accent=_ACCENT, office=escape(office)) if office else ""
    return _PAGE.format(language=escape(language), title=escape(title), font=_FONT, head=head, blocks="\n".join(blocks))


def _parts(text: str) -> Iterator[tuple[list[str], bool]]:
    """What empty lines set apart, and whether it is somebody's quoted words: they stand in “ ” by themselves."""
    parts = [list(lines) for full, lines in groupby(text.split("\n"), key=lambda line: bool(line.strip())) if full]
    ends = iter([index for index, lines in enumerate(parts) if lines[-1].rstrip().endswith("”")])
    closing = -1
    for index, lines in enumerate(parts):
        if index > closing and lines[0].lstrip().startswith("“"):
            closing = next((end for end in ends if end >= index), closing)
        yield lines, index <= closing


def _blocks(lines: list[str], code: str | None) -> Iterator[str]:
    for listed, group in groupby(_marked(lines), key=lambda one: one[0] is not None):
        found = list(group)
        if listed:
            rows = [_ROW.format(hair=_HAIR, mark=escape(mark or ""), text=_inline([text], code)) for mark, text in found]
            yield _LIST.format(hair=_HAIR, rows="\n".join(rows))
        else:
            yield _PARAGRAPH.format(_inline([text for _, text in found], code))


def _marked(lines: list[str]) -> Iterator[tuple[str | None, str]]:
    """Each line with its list's mark: a list counts from one in steps of one, or has bullets, and has two lines at least."""
    index = 0
    while index < len(lines):
        run = _run(lines, index)
        if len(run) >= 2:
            yield from run
        else:
            run = [(None, lines[index])]
            yield run[0]
        index += len(run)


def _run(lines: list[str], start: int) -> list[tuple[str | None, str]]:
    run: list[tuple[str | None, str]] = []
    bullets = _BULLET.fullmatch(lines[start]) is not None
    for line in lines[start:]:
        found = (_BULLET if bullets else _NUMBERED).fullmatch(line)
        if found is None or not (bullets or int(found[1].rstrip(".)")) == len(run) + 1):
            break
        run.append(("•", found[1]) if bullets else (found[1], found[2]))
    return run


def _inline(lines: list[str], code: str | None) -> str:
    return "<br>\n".join(_line(line.strip(), code) for line in lines)


def _line(line: str, code: str | None) -> str:
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(line):
        link = found[0].rstrip(_AFTER_A_LINK)
        if link.endswith((")", "]")) and link.count(link[-1]) > link.count("(" if link[-1] == ")" else "["):
            link = link[:-1]
        pieces += [_words(line[end : found.start()], code), f'<a href="{escape(link)}">{escape(link)}</a>']
        end = found.start() + len(link)
    return "".join([*pieces, _words(line[end:], code)])


def _words(text: str, code: str | None) -> str:
    safe = escape(text)
    return safe.replace(code, f'<strong style="white-space:nowrap">{code}</strong>') if code else safe
