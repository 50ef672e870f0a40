"""Reads a workbook by openpyxl and prints its cells as JSON: [type, value, format]."""
import datetime
import json
import sys

import openpyxl
from openpyxl.utils.escape import unescape

book = openpyxl.load_workbook(sys.argv[1])
assert len(book.worksheets) == 1, book.sheetnames
rows = []
for row in book.worksheets[0].iter_rows():
    cells = []
    for cell in row:
        value = cell.value
        if isinstance(value, (datetime.date, datetime.datetime)):
            value = value.isoformat()
        elif cell.data_type == "s":
            value = unescape(value)  # which it leaves to who reads
        cells.append([cell.data_type, value, cell.number_format])
    rows.append(cells)
json.dump(rows, sys.stdout)
