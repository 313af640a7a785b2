"""Files that a spreadsheet opens: nothing that people typed is ever carried out."""

import csv
import zipfile
from io import BytesIO, StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from core import spreadsheets

WICKED = [
    "=1+1",
    "+31 6",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    '=HYPERLINK("http://x.example";"klik")',
    "＝1",
]


def read_csv(file):
    text = file.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


@pytest.mark.parametrize("typed", WICKED)
def test_what_a_spreadsheet_would_carry_out_is_text_in_both_files(typed):
    [[cell], [other]] = read_csv(spreadsheets.csv_file([["Naam"], [typed]]))
    assert cell == "Naam"
    assert other.startswith("'")
    sheet = load_workbook(BytesIO(spreadsheets.xlsx_file([["Naam"], [typed]], title="Lijst"))).active
    assert (sheet["A2"].data_type, sheet["A2"].number_format) == ("s", "@")


def test_an_ordinary_name_stays_as_it_is():
    names = ["Mei-Lin Oefen", "D'Hondt", "Ün-sür", "Ana; Beatriz", 'De "Jong"', "12 mei", "مرحبا 🌍"]
    table = [["Naam"], *([name] for name in names)]
    assert [row[0] for row in read_csv(spreadsheets.csv_file(table))[1:]] == names
    sheet = load_workbook(BytesIO(spreadsheets.xlsx_file(table, title="Lijst"))).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == names


def test_dutch_excel_opens_the_text_file_by_a_double_click():
    file = spreadsheets.csv_file([["Naam", "Functie"], ["Noor", "coördinator"]])
    assert file == b"\xef\xbb\xbfNaam;Functie\r\nNoor;co\xc3\xb6rdinator\r\n"


def test_a_line_break_or_a_control_character_breaks_no_file():
    table = [["Naam"], ["een\r\ntwee\x00drie\x0b"]]
    assert read_csv(spreadsheets.csv_file(table))[1] == ["een twee drie "]
    sheet = load_workbook(BytesIO(spreadsheets.xlsx_file(table, title="Lijst"))).active
    assert sheet["A2"].value == "een twee drie "


def test_the_sheet_has_a_name_that_excel_takes_and_holds_no_formula():
    file = spreadsheets.xlsx_file([["Naam"], ["=1+1"]], title="Lijst [1/2]: " + "x" * 40)
    assert load_workbook(BytesIO(file)).sheetnames == ["Lijst  1 2   " + "x" * 18]
    assert b"<f>" not in zipfile.ZipFile(BytesIO(file)).read("xl/worksheets/sheet1.xml")


@example("\x16=1+1")
@settings(deadline=None)  # a workbook takes as long as the machine is busy
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_text_at_all_comes_out_as_a_formula(typed):
    file = spreadsheets.csv_file([["Naam", "x"], [typed, "x"]])
    _header, row = read_csv(file)
    assert len(row) == 2
    assert not row[0].lstrip().startswith(("=", "+", "-", "@"))
    sheet = load_workbook(BytesIO(spreadsheets.xlsx_file([["Naam"], [typed]], title="Lijst"))).active
    assert sheet["A2"].data_type != "f"
    assert sheet["A2"].value is None or isinstance(sheet["A2"].value, str)
