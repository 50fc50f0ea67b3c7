"""The template of the Ministry of Labour's monthly text on foreign labour, as expressions.

What belongs here: the ministry's wording, matched with the folded text of ingest/press_text.py. What does
not: what becomes of a figure (foreign_labour.py). A new wording of the ministry is added here.
"""

from __future__ import annotations

import re

from ingest.press_text import FIGURE, SHARE

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
OPENING = re.compile(r"по разрешениям\s+местных\s+исполнительных\s+органов")
DATE = re.compile(
    r"(?<!\w)по состоянию\s+на\s+"
    rf"(?P<date>(?P<day>[0-9]{{1,2}}) (?P<month>{'|'.join(MONTHS)}) (?P<year>[0-9]{{4}}))(?![0-9])"
)
ABOUT = re.compile(r"(?<!\w)(?P<word>более|свыше|около|порядка|почти|примерно|до)\s+\Z")

_ABOUT = r"(?:(?:более|свыше|около|порядка|почти|примерно)\s+)?"
_FOREIGNERS = r"(?:иностранн\w+\s+(?:граждан\w*|работник\w*)|иностранц\w*)"
_CITIZENS = r"(?:казахстанц\w*|граждан\w*\s+(?:республики\s+)?казахстана?(?!\w))"
_COUNTED = rf" ?{FIGURE}(?: ?чел(?:\.|овек\w*))?(?:\s\({SHARE}\))?"
_QUOTA_OF = r"(?:привлечение\s+иностранной\s+рабочей\s+силы|(?P<immigrants>трудовых\s+иммигрантов))"

# By subject, the sentences that print a figure.
SENTENCES = {
    "permit_holders": re.compile(
        rf"осуществля\w+\s+(?:трудовую\s+)?деятельность\s+{_ABOUT}{FIGURE}\s+{_FOREIGNERS}"
    ),
    "employers": re.compile(rf"{FIGURE}\s+работодател\w*"),
    "citizens_employed": re.compile(rf"{FIGURE}\s+{_CITIZENS}"),
    "quota": re.compile(
        rf"квота\s+на\s+{_QUOTA_OF}\s+на\s+(?P<year>[0-9]{{4}})\s+год\s+установлена\s+в\s+размере"
        rf"(?:\s+{SHARE}\s+к\s+численности\s+рабочей\s+силы)?(?:,\s+или)?(?:\s+{_ABOUT}{FIGURE}\s+человек\w*)?"
    ),
}
CATEGORY = re.compile(
    r"(?<!\w)(?P<label>(?:(?:перв|втор|треть|четверт)\w+|(?P<ordinal>[1-4])(?:-\w+)?)\s+категори\w+"
    r"|сезонн\w+(?:\s+\w+){0,2}|(?:в рамках\s+)?(?:внутри)?корпоративн\w+\s+перевод\w*)"
    rf"(?: \([^()0-9]+\))?\s-{_COUNTED}"
)
# A list opens with words that say what it lists; the last of them before the first item decides.
LIST = re.compile(
    r"(?:^|(?<=[.!?\n]))[^\d.;]*(?:"
    r"(?P<activity>(?<!\w)(?:вид\w* (?:экономической )?деятельности|сфер\w*|отрасл\w+))"
    r"|(?P<country>(?<!\w)(?:стран(?:ы|ам|ами|ах)?|из(?! них))))(?!\w)(?:[^\d.:;,]*:)?"
)
# A comma, a semicolon, `и` or the bullet of the next line leads to another item; anything else ends the list.
ITEM = re.compile(
    r"\s*(?:[-•*·] )?(?P<label>(?!из них|в том числе)[^\d\s.:;()](?:[^\d.:;()\n]|\n(?!\s))*?)\s?"
    rf"(?:-{_COUNTED}|- ?{SHARE.replace('share', 'only')})"
    r"(?P<next>[,;](?:\s(?:а также|и)(?!\w))?|\.?\n(?=[-•*·] )| и )?"
)
