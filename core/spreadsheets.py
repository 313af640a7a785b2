"""Tables as files: CSV as a Dutch Excel opens it by a double click, and XLSX. What people typed is never a formula."""

import csv
import re
from collections.abc import Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # by this Excel knows that it is UTF-8
FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")  # OWASP, CSV injection; also after blanks, and in their wide forms
CONTROLS = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]+")  # XLSX refuses most, and a line break splits a row
WIDEST = 60  # characters


def csv_file(table: Sequence[Sequence[object]]) -> bytes:
    """`table` with its header first: UTF-8 with BOM, semicolons, quotes where needed.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in table)
    return (BOM + out.getvalue()).encode()


def harmless(cell: object) -> str:
    """The cell as text that no spreadsheet carries out."""
    text = CONTROLS.sub(" ", str(cell))
    return f"'{text}" if FORMULA.match(text) else text


def xlsx_file(table: Sequence[Sequence[object]], *, title: str) -> bytes:
    """`table` with its header first, as one sheet with the name `title`; every cell is text."""
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\\/*?:\[\]]", " ", title)[:31]  # what Excel allows
    for number, row in enumerate(table, start=1):
        for column, cell in enumerate(row, start=1):
            place = sheet.cell(number, column, CONTROLS.sub(" ", str(cell)))
            place.data_type = "s"  # what begins with "=" would be a formula
            place.number_format = "@"
    for column in range(1, len(table[0]) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        widths = [len(str(row[column - 1])) for row in table]
        sheet.column_dimensions[get_column_letter(column)].width = min(max(widths) + 2, WIDEST)
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()
