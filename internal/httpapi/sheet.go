package httpapi

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// What one sheet of a workbook holds, by the programs that read it.
const (
	maxSheetRows  = 1_048_576
	maxSheetText  = 32_767 // UTF-16 units of one cell
	maxSheetExact = 15     // digits that a number keeps: it is read as an IEEE 754 double
	maxDigits     = 400    // no double has more before or behind its point
)

// sheetParts are the parts of a workbook (ECMA-376 Part 1 §12.3) around its one
// sheet. Styles 1 and 2 are for days and moments, 3 for the line of names.
var sheetParts = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`},
}

const (
	sheetName  = "xl/worksheets/sheet1.xml"
	sheetBegin = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
	sheetEnd = `</sheetData></worksheet>`

	styleDay, styleMoment, styleHeading = `s="1"`, `s="2"`, `s="3"`
)

// sheetFile writes a workbook of one sheet (ECMA-376, Office Open XML) as its
// rows come: nothing of it waits in memory or on a disk. Texts are inline and no
// cell is a formula, so that nothing in them is computed. A number that a
// spreadsheet would round is a text.
type sheetFile struct {
	archive *zip.Writer
	sheet   *bufio.Writer
}

func (*sheetFile) mediaType() string {
	return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}
func (*sheetFile) extension() string { return ".xlsx" }

// maxRows leaves a line for the names.
func (*sheetFile) maxRows() int { return maxSheetRows - 1 }

func (f *sheetFile) part(to *bufio.Writer, part oriel.Result) error {
	if f.archive == nil {
		if err := f.begin(to, part.Columns); err != nil {
			return err
		}
	}
	for row := range part.RowCount {
		_, _ = f.sheet.WriteString("<row>")
		for i, values := range part.Values {
			if err := writeSheetValue(f.sheet, values[row], part.Columns[i].Type); err != nil {
				return err
			}
		}
		_, _ = f.sheet.WriteString("</row>")
	}
	_, err := f.sheet.Write(nil) // the first error of any write
	return err
}

func (f *sheetFile) begin(to io.Writer, columns []oriel.Column) error {
	f.archive = zip.NewWriter(to)
	for _, p := range sheetParts {
		part, err := f.archive.Create(p.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, xml.Header+p.content); err != nil {
			return err
		}
	}
	sheet, err := f.archive.Create(sheetName)
	if err != nil {
		return err
	}
	f.sheet = bufio.NewWriterSize(sheet, 32<<10)
	_, _ = f.sheet.WriteString(xml.Header + sheetBegin + "<row>")
	for _, c := range columns {
		if err := writeSheetText(f.sheet, c.Name, styleHeading); err != nil {
			return err
		}
	}
	_, err = f.sheet.WriteString("</row>")
	return err
}

func (f *sheetFile) end(*bufio.Writer) error {
	if _, err := f.sheet.WriteString(sheetEnd); err != nil {
		return err
	}
	if err := f.sheet.Flush(); err != nil {
		return err
	}
	return f.archive.Close()
}

// A cell without a reference stands behind the one before it (ECMA-376 Part 1
// §18.3.1.4), so that a missing value needs an empty one.
func writeSheetValue(to *bufio.Writer, value oriel.RawValue, kind oriel.ColumnType) error {
	switch {
	case len(value) == 0 || value[0] == 'n':
		_, _ = to.WriteString("<c/>")
		return nil
	case value[0] == 't':
		_, _ = to.WriteString(`<c t="b"><v>1</v></c>`)
		return nil
	case value[0] == 'f':
		_, _ = to.WriteString(`<c t="b"><v>0</v></c>`)
		return nil
	case value[0] != '"':
		return writeSheetNumber(to, string(value))
	}
	text := string(value[1 : len(value)-1])
	if strings.IndexByte(text, '\\') >= 0 {
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
	}
	switch kind {
	case oriel.TypeInteger, oriel.TypeInteger64, oriel.TypeDecimal, oriel.TypeNumber:
		return writeSheetNumber(to, text)
	case oriel.TypeDate:
		return writeSheetTime(to, text, time.DateOnly, styleDay)
	case oriel.TypeTimestamp:
		return writeSheetTime(to, text, "2006-01-02T15:04:05", styleMoment)
	default:
		return writeSheetText(to, text, "")
	}
}

func writeSheetNumber(to *bufio.Writer, number string) error {
	if !isExact(number) {
		return writeSheetText(to, number, "")
	}
	_, _ = to.WriteString("<c><v>")
	_, _ = to.WriteString(number)
	_, _ = to.WriteString("</v></c>")
	return nil
}

// isExact tells of a decimal number, perhaps with an exponent, that a spreadsheet
// keeps as it is.
func isExact(number string) bool {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(strings.TrimPrefix(number, "-")), "e")
	if scaled && !isDigits(strings.TrimLeft(exponent, "+-"), 3) {
		return false
	}
	whole, fraction, broken := strings.Cut(mantissa, ".")
	if !isDigits(whole, maxDigits) || broken && !isDigits(fraction, maxDigits) {
		return false
	}
	return len(strings.Trim(whole+fraction, "0")) <= maxSheetExact
}

func isDigits(text string, most int) bool {
	return text != "" && len(text) <= most && strings.Trim(text, "0123456789") == ""
}

// firstSheetDay is day 61 of the calendar of spreadsheets: the days before it
// are counted wrong, with a 29 February 1900 (ECMA-376 Part 1 §18.17.4.1). Years
// have four digits in both.
var (
	sheetEpoch    = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	firstSheetDay = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
)

func writeSheetTime(to *bufio.Writer, text, layout, style string) error {
	at, err := time.Parse(layout, text)
	if err != nil || at.Before(firstSheetDay) {
		return writeSheetText(to, text, "")
	}
	// Days first: 8,000 years are more nanoseconds than a Duration has.
	days := (at.Unix() - sheetEpoch.Unix()) / 86_400
	part := float64((at.Unix()-sheetEpoch.Unix())%86_400) + float64(at.Nanosecond())/1e9
	_, _ = to.WriteString("<c " + style + "><v>" + strconv.FormatFloat(float64(days)+part/86_400, 'f', -1, 64) + "</v></c>")
	return nil
}

// sheetEscape is what would be read as an escape of another character, with an
// underscore behind it (ECMA-376 Part 1 §22.4.2.4, ST_Xstring), which the text may
// have or get.
var sheetEscape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}`)

func writeSheetText(to *bufio.Writer, text, style string) error {
	_, _ = to.WriteString(`<c t="inlineStr" `)
	_, _ = to.WriteString(style)
	_, _ = to.WriteString(`><is><t xml:space="preserve">`)
	if standsAsIs(text) {
		_, _ = to.WriteString(text)
	} else if err := xml.EscapeText(to, []byte(sheetText(text))); err != nil {
		return err
	}
	_, err := to.WriteString(`</t></is></c>`)
	return err
}

// standsAsIs tells of a short ASCII text that stands in XML as it is, which most are.
func standsAsIs(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b < ' ', b >= 0x7F, b == '<', b == '>', b == '&', b == '_':
			return false
		}
	}
	return len(text) <= maxSheetText
}

// sheetText is a text of which a spreadsheet reads what it says.
func sheetText(text string) string {
	text = strings.ReplaceAll(cutSheetText(text), "\r\n", "\n") // a cell's own line end
	text = sheetEscape.ReplaceAllString(text, "_x005F$0")
	var clean strings.Builder
	for _, r := range text {
		// XML has no way to write these (XML 1.0 §2.2), and reads CR as LF.
		if r == 0xFFFE || r == 0xFFFF || r < ' ' && r != '\t' && r != '\n' {
			fmt.Fprintf(&clean, "_x%04X_", r)
			continue
		}
		clean.WriteRune(r)
	}
	return clean.String()
}

// cutSheetText ends a text that no cell can hold with an ellipsis.
func cutSheetText(text string) string {
	units, end := 0, 0
	for at, r := range text {
		units += max(1, utf16.RuneLen(r))
		if units < maxSheetText {
			end = at + utf8.RuneLen(r)
		}
	}
	if units <= maxSheetText {
		return text
	}
	return text[:end] + "…"
}
