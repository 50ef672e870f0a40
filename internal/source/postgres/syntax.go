package postgres

// The part of the parser's tree that a question may use, by the numbers of its
// protocol buffers (libpg_query 17). What is not in these tables is decoded as
// unknown and refused, so that a newer parser can't bring in what was never
// looked at. Left out on purpose, with the words of the refusal below.

// fieldKind is how a field is read.
type fieldKind int

const (
	number  fieldKind = iota // integers, booleans and enumerations
	text                     // a text
	message                  // a message of a fixed kind
	any1                     // a Node: one message of many kinds
	many                     // a list of Nodes
)

type field struct {
	name string
	kind fieldKind
	of   string // with message
}

// messages are the fields of each kind of node. "at" is the place in the text.
var messages = map[string]map[int]field{
	"ParseResult": {1: {"version", number, ""}, 2: {"stmts", message, "RawStmt"}},
	"RawStmt":     {1: {"stmt", any1, ""}, 2: {"at", number, ""}, 3: {"length", number, ""}},
	"SelectStmt": {1: {"distinct", many, ""}, 3: {"targets", many, ""}, 4: {"from", many, ""}, 5: {"where", any1, ""},
		6: {"group", many, ""}, 7: {"groupDistinct", number, ""}, 8: {"having", any1, ""}, 9: {"windows", many, ""},
		10: {"values", many, ""}, 11: {"sort", many, ""}, 12: {"offset", any1, ""}, 13: {"limit", any1, ""},
		14: {"limitOption", number, ""}, 16: {"with", message, "WithClause"}, 17: {"op", number, ""}, 18: {"all", number, ""},
		19: {"left", message, "SelectStmt"}, 20: {"right", message, "SelectStmt"}},
	"WithClause":      {1: {"ctes", many, ""}, 3: {"at", number, ""}},
	"CommonTableExpr": {1: {"name", text, ""}, 2: {"columns", many, ""}, 3: {"materialized", number, ""}, 4: {"query", any1, ""}, 7: {"at", number, ""}},
	"RangeVar": {1: {"catalog", text, ""}, 2: {"schema", text, ""}, 3: {"name", text, ""}, 4: {"inherit", number, ""},
		5: {"persistence", text, ""}, 6: {"alias", message, "Alias"}, 7: {"at", number, ""}},
	"RangeSubselect": {1: {"lateral", number, ""}, 2: {"query", any1, ""}, 3: {"alias", message, "Alias"}},
	"Alias":          {1: {"name", text, ""}, 2: {"columns", many, ""}},
	"JoinExpr": {1: {"type", number, ""}, 2: {"natural", number, ""}, 3: {"left", any1, ""}, 4: {"right", any1, ""},
		5: {"using", many, ""}, 6: {"usingAlias", message, "Alias"}, 7: {"on", any1, ""}, 8: {"alias", message, "Alias"}},
	"ResTarget": {1: {"name", text, ""}, 3: {"value", any1, ""}, 4: {"at", number, ""}},
	"ColumnRef": {1: {"names", many, ""}, 2: {"at", number, ""}},
	"ParamRef":  {1: {"number", number, ""}, 2: {"at", number, ""}},
	"AConst": {1: {"integer", message, "Integer"}, 2: {"float", message, "Float"}, 3: {"boolean", message, "Boolean"},
		4: {"string", message, "String"}, 10: {"null", number, ""}, 11: {"at", number, ""}},
	"AExpr":        {1: {"kind", number, ""}, 2: {"operator", many, ""}, 3: {"left", any1, ""}, 4: {"right", any1, ""}, 5: {"at", number, ""}},
	"BoolExpr":     {2: {"op", number, ""}, 3: {"args", many, ""}, 4: {"at", number, ""}},
	"NullTest":     {2: {"arg", any1, ""}, 3: {"type", number, ""}, 5: {"at", number, ""}},
	"BooleanTest":  {2: {"arg", any1, ""}, 3: {"type", number, ""}, 4: {"at", number, ""}},
	"CaseExpr":     {4: {"arg", any1, ""}, 5: {"whens", many, ""}, 6: {"else", any1, ""}, 7: {"at", number, ""}},
	"CaseWhen":     {2: {"when", any1, ""}, 3: {"then", any1, ""}, 4: {"at", number, ""}},
	"CoalesceExpr": {4: {"args", many, ""}, 5: {"at", number, ""}},
	"MinMaxExpr":   {5: {"op", number, ""}, 6: {"args", many, ""}, 7: {"at", number, ""}},
	"SubLink":      {2: {"type", number, ""}, 4: {"test", any1, ""}, 5: {"operator", many, ""}, 6: {"query", any1, ""}, 7: {"at", number, ""}},
	"FuncCall": {1: {"names", many, ""}, 2: {"args", many, ""}, 3: {"order", many, ""}, 4: {"filter", any1, ""},
		5: {"over", message, "WindowDef"}, 6: {"withinGroup", number, ""}, 7: {"star", number, ""}, 8: {"distinct", number, ""},
		10: {"format", number, ""}, 11: {"at", number, ""}},
	"WindowDef": {1: {"name", text, ""}, 2: {"refers", text, ""}, 3: {"partition", many, ""}, 4: {"order", many, ""},
		5: {"frame", number, ""}, 6: {"start", any1, ""}, 7: {"end", any1, ""}, 8: {"at", number, ""}},
	"SortBy":           {1: {"value", any1, ""}, 2: {"direction", number, ""}, 3: {"nulls", number, ""}, 5: {"at", number, ""}},
	"TypeCast":         {1: {"arg", any1, ""}, 2: {"type", message, "TypeName"}, 3: {"at", number, ""}},
	"TypeName":         {1: {"names", many, ""}, 5: {"modifiers", many, ""}, 6: {"modifier", number, ""}, 8: {"at", number, ""}},
	"SqlvalueFunction": {2: {"op", number, ""}, 4: {"modifier", number, ""}, 5: {"at", number, ""}},
	"GroupingSet":      {1: {"kind", number, ""}, 2: {"content", many, ""}, 3: {"at", number, ""}},
	"GroupingFunc":     {2: {"args", many, ""}, 5: {"at", number, ""}},
	"List":             {1: {"items", many, ""}},
	"RowExpr":          {2: {"args", many, ""}, 4: {"format", number, ""}, 6: {"at", number, ""}},
	"AArrayExpr":       {1: {"elements", many, ""}, 2: {"at", number, ""}},
	"CollateClause":    {1: {"arg", any1, ""}, 2: {"collation", many, ""}, 3: {"at", number, ""}},
	"AStar":            {},
	"String":           {1: {"text", text, ""}},
	"Integer":          {1: {"number", number, ""}},
	"Float":            {1: {"text", text, ""}},
	"Boolean":          {1: {"true", number, ""}},
}

// nodeKinds are the kinds of a Node.
var nodeKinds = map[int]string{
	1: "Alias", 2: "RangeVar", 8: "GroupingFunc", 19: "BoolExpr", 20: "SubLink", 30: "CaseExpr", 31: "CaseWhen", 34: "RowExpr",
	36: "CoalesceExpr", 37: "MinMaxExpr", 38: "SqlvalueFunction", 50: "NullTest", 51: "BooleanTest", 61: "JoinExpr", 65: "TypeName",
	66: "ColumnRef", 67: "ParamRef", 68: "AExpr", 69: "TypeCast", 70: "CollateClause", 72: "FuncCall", 73: "AStar", 76: "AArrayExpr",
	77: "ResTarget", 79: "SortBy", 80: "WindowDef", 81: "RangeSubselect", 104: "GroupingSet", 107: "WithClause",
	112: "CommonTableExpr", 136: "SelectStmt", 260: "Integer", 261: "Float", 262: "Boolean", 263: "String", 265: "List", 268: "AConst",
}

// unknownNodes says what is refused of the Nodes that are no kind of ours.
var unknownNodes = map[int]string{
	14: "naming an argument", 39: "XML", 55: "DEFAULT", 56: "CURRENT OF", 74: "a subscript", 75: "a part of a composite value or an array",
	78: "assigning several columns", 82: "a function in FROM (name a table there)", 83: "XMLTABLE", 85: "TABLESAMPLE", 90: "locking rows",
	91: "XML", 119: "JSON_TABLE", 122: "JSON()", 123: "JSON_SCALAR", 124: "JSON_SERIALIZE", 44: "IS JSON", 117: "a JSON function",
	125: "JSON_OBJECT", 126: "JSON_ARRAY", 127: "JSON_ARRAY", 129: "JSON_OBJECTAGG", 130: "JSON_ARRAYAGG", 264: "a bit string",
}

// unknownFields says what is refused of the fields that are none of ours.
var unknownFields = map[string]map[int]string{
	"SelectStmt":      {2: "SELECT … INTO", 15: "FOR UPDATE and FOR SHARE"},
	"WithClause":      {2: "WITH RECURSIVE"},
	"CommonTableExpr": {5: "SEARCH", 6: "CYCLE"},
	"AConst":          {5: "a bit string"},
	"FuncCall":        {9: "VARIADIC"},
	"SortBy":          {4: "ORDER BY … USING"},
	"TypeName":        {3: "SETOF", 4: "%TYPE", 7: "an array type"},
	"ResTarget":       {2: "a subscript"},
}

// valueWords are the words that are functions, by their number: the time at
// which the transaction began.
var valueWords = map[int]string{1: "CURRENT_DATE", 4: "CURRENT_TIMESTAMP", 8: "LOCALTIMESTAMP"}

// The parser's enumerations.
const (
	setNone, setUnion, setIntersect, setExcept                   = 1, 2, 3, 4
	joinInner, joinLeft, joinFull, joinRight                     = 1, 2, 3, 4
	boolAnd, boolOr, boolNot                                     = 1, 2, 3
	linkExists, linkAll, linkAny, linkExpression                 = 1, 2, 3, 5
	limitCount, limitWithTies                                    = 2, 3
	groupEmpty, groupRollup, groupCube, groupSets                = 1, 3, 4, 5
	withAlways, withNever                                        = 2, 3
	callSyntax, rowImplicit                                      = 4, 3
	isNull, isGreatest                                           = 1, 1
	sortAscending, sortDescending, nullsFirst, nullsLast         = 2, 3, 2, 3
	exprOperator, exprAny, exprAll, exprDistinct                 = 1, 2, 3, 4
	exprNotDistinct, exprNullIf, exprIn, exprLike                = 5, 6, 7, 8
	exprILike, exprSimilar, exprBetween, exprNotBetweenSymmetric = 9, 10, 11, 14
)
