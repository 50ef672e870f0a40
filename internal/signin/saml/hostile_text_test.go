package saml_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const mallory = "mallory@example.com"

var nameID = regexp.MustCompile(`>dana-17<`)

// in puts a text into the name of the person, after its first four letters.
func in(text string) func(string) string {
	return func(s string) string { return nameID.ReplaceAllString(s, ">dana"+text+"-17<") }
}

// inMail puts a text into the signed address.
func inMail(text string) func(string) string {
	return func(s string) string {
		return strings.Replace(s, ">Dana@Example.com<", ">Dana@Example.com"+text+"<", 1)
	}
}

// ahead puts a text before the root, after the declaration.
func ahead(text string) func(string) string {
	return func(s string) string {
		at := regexp.MustCompile(`<\w+:Response`).FindStringIndex(s)[0]
		return s[:at] + text + s[at:]
	}
}

func undeclared(s string) string {
	if rest, is := strings.CutPrefix(s, "<?xml version=\"1.0\"?>"); is {
		return strings.TrimSpace(rest)
	}
	return s
}

func declared(declaration string) func(string) string {
	return func(s string) string { return declaration + undeclared(s) }
}

// texts are what readers of XML read in different ways.
func texts() []attack {
	return []attack{
		{name: "a comment in the name", guard: guardComment, rewrite: in("<!-- -->")},
		{name: "a comment that splits an address", guard: guardComment, rewrite: inMail("<!-- -->.evil.example")},
		{name: "a comment before the root", guard: guardComment, rewrite: ahead("<!-- -->")},
		{name: "a comment after the root", guard: guardComment, rewrite: func(s string) string { return s + "<!-- -->" }},
		{name: "a processing instruction in the name", guard: guardInstruction, rewrite: in("<?a b?>")},
		{name: "a processing instruction in an address", guard: guardInstruction, rewrite: inMail("<?a b?>")},
		{name: "a style sheet", guard: guardInstruction, rewrite: ahead(`<?xml-stylesheet href="https://evil.example/a.xsl"?>`)},
		{name: "a declaration inside", guard: guardInstruction, rewrite: in(`<?xml version="1.0"?>`)},
		{name: "CDATA around the name's text, which means the same", rewrite: func(s string) string { return nameID.ReplaceAllString(s, "><![CDATA[dana-17]]><") }},
		{name: "CDATA in parts", rewrite: func(s string) string { return nameID.ReplaceAllString(s, ">da<![CDATA[na]]><![CDATA[-17]]><") }},
		{name: "letters as numbers, which means the same", rewrite: func(s string) string { return nameID.ReplaceAllString(s, ">&#100;ana-&#x31;7<") }},
		{name: "CDATA with another name", guard: guardKey, rewrite: func(s string) string { return nameID.ReplaceAllString(s, "><![CDATA[mallory-1]]><") }},
		{name: "markup in CDATA", guard: guardKey, rewrite: in("<![CDATA[<!-- -->]]>")},
		{name: "a document type", guard: guardDTD, rewrite: ahead(`<!DOCTYPE a>`)},
		{name: "a document type that makes attributes ids", guard: guardDTD, rewrite: ahead(`<!DOCTYPE a [<!ATTLIST a b ID #IMPLIED>]>`)},
		{name: "entities in entities", guard: guardDTD, rewrite: ahead(`<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;"><!ENTITY d "&c;&c;&c;">]>`)},
		{name: "an external entity", guard: guardDTD, rewrite: ahead(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>`)},
		{name: "an external document type", guard: guardDTD, rewrite: ahead(`<!DOCTYPE a SYSTEM "https://evil.example/a.dtd">`)},
		{name: "an entity that nobody declared", guard: guardXML, rewrite: in("&mallory;")},
		{name: "two roots", guard: guardRoots, rewrite: func(s string) string { return s + undeclared(s) }},
		{name: "an evil root first", guard: guardRoots, rewrite: func(s string) string {
			return undeclared(strings.ReplaceAll(s, "Dana@Example.com", mallory)) + undeclared(s)
		}},
		{name: "text before the root", guard: guardOutside, rewrite: ahead("a")},
		{name: "text after the root", guard: guardOutside, rewrite: func(s string) string { return s + "a" }},
		{name: "NUL after the root", guard: guardXML, rewrite: func(s string) string { return s + "\x00" }},
		{name: "NUL in the name", guard: guardXML, rewrite: in("\x00")},
		{name: "NUL in the name, as a number", guard: guardXML, rewrite: in("&#0;")},
		{name: "a byte that is no UTF-8", guard: guardXML, rewrite: in("\xff")},
		{name: "a slash of two bytes", guard: guardXML, rewrite: in("\xc0\xaf")},
		{name: "UTF-16", guard: guardXML, rewrite: func(s string) string {
			var out strings.Builder
			out.WriteString("\xff\xfe")
			for _, b := range []byte(s) {
				out.WriteByte(b)
				out.WriteByte(0)
			}
			return out.String()
		}},
		{name: "said to be UTF-16", guard: guardXML, rewrite: declared(`<?xml version="1.0" encoding="UTF-16"?>`)},
		{name: "said to be UTF-7", guard: guardXML, rewrite: declared(`<?xml version="1.0" encoding="UTF-7"?>`)},
		{name: "said to be Latin 1", guard: guardXML, rewrite: declared(`<?xml version="1.0" encoding="ISO-8859-1"?>`)},
		{name: "said to be UTF-8", rewrite: declared(`<?xml version="1.0" encoding="UTF-8"?>`)},
		{name: "XML 1.1", guard: guardXML, rewrite: declared(`<?xml version="1.1"?>`)},
		{name: "white space around", rewrite: func(s string) string { return undeclared(s) + "\n\t " }},
		{name: "an attribute twice", guard: guardTwice, rewrite: func(s string) string { return strings.Replace(s, ` Version="2.0"`, ` Version="2.0" Version="2.0"`, 1) }},
		{name: "an ID twice", guard: guardTwice, rewrite: func(s string) string { return strings.Replace(s, ` ID="`, ` ID="_evil" ID="`, 1) }},
		{name: "a name with two colons", guard: guardXML, rewrite: func(s string) string { return strings.Replace(s, ` Version="2.0"`, ` a:b:c="" Version="2.0"`, 1) }},
	}
}

// names are tricks with prefixes and namespaces.
func names() []attack {
	// written puts an element or an attribute of a name that readers take apart in
	// more than one way; etree would not write it.
	written := func(element, attribute string) func(string) string {
		return func(text string) string {
			at := strings.Index(text, "Status>")
			end := strings.Index(text[at:], "</") + at
			if attribute != "" {
				return text[:at+len("Status")] + " " + attribute + `="x"` + text[at+len("Status"):]
			}
			return text[:end] + "<" + element + "></" + element + ">" + text[end:]
		}
	}
	return []attack{
		{name: "an element with two colons", guard: guardXML, rewrite: written("a:b:c", "")},
		{name: "an element with an empty prefix", guard: guardNames, rewrite: written(":a", "")},
		{name: "an element with nothing after its prefix", guard: guardNames, rewrite: written("a:", "")},
		{name: "an element with two colons that follow each other", guard: guardXML, rewrite: written("a::b", "")},
		{name: "an attribute with two colons", guard: guardXML, rewrite: written("", "a:b:c")},
		{name: "an attribute with an empty prefix", guard: guardNames, rewrite: written("", ":a")},
		{name: "an attribute with nothing after its prefix", guard: guardNames, rewrite: written("", "a:")},
		{name: "an attribute with an empty namespace prefix", guard: guardNames, rewrite: written("", "xmlns:")},
		{name: "the evil assertion in another namespace", guard: guardPart, change: func(p *page) {
			other := evil(p.assertion)
			other.Space = ""
			other.CreateAttr("xmlns", "urn:example:other")
			before(p.assertion, other)
		}},
		{name: "the evil assertion in the protocol's namespace", guard: guardPart, change: func(p *page) {
			other := evil(p.assertion)
			other.Space = p.response.Space
			before(p.assertion, other)
		}},
		{name: "a response of another namespace", guard: guardRoot, change: func(p *page) { p.response.CreateAttr("xmlns:"+p.response.Space, "urn:example:other") }},
		{name: "a signature of another namespace", guard: guardForeign, change: func(p *page) { p.signature().AddChild(foreign("Signature")) }},
		{name: "the assertion's prefix is another's inside", guard: guardForeign, change: func(p *page) {
			child(p.assertion, "Subject").CreateAttr("xmlns:"+p.assertion.Space, "urn:example:other")
		}},
		{name: "a NameID of another namespace first", guard: guardForeign, change: func(p *page) {
			other := foreign("NameID")
			other.SetText("mallory-1")
			before(find(p.assertion, "NameID"), other)
		}},
		{name: "a NameID of the protocol first", guard: guardKey, change: func(p *page) {
			other := made(p.response, "NameID")
			other.SetText("mallory-1")
			before(find(p.assertion, "NameID"), other)
		}},
		{name: "a prefix that nobody declared", guard: guardForeign, change: func(p *page) { find(p.assertion, "NameID").Space = "evil" }},
		{name: "a namespaced ID", guard: guardKey, change: func(p *page) {
			p.signed().CreateAttr("xmlns:e", "urn:example:other")
			p.signed().CreateAttr("e:ID", "_evil")
		}},
		{name: "a namespaced ID before the true one", guard: guardOver, change: func(p *page) {
			attributes := p.signed().Attr
			p.signed().Attr = nil
			p.signed().CreateAttr("xmlns:e", "urn:example:other")
			p.signed().CreateAttr("e:ID", "_evil")
			p.signed().Attr = append(p.signed().Attr, attributes...)
		}},
		{name: "a declaration that nothing uses", change: func(p *page) { p.response.CreateAttr("xmlns:e", "urn:example:other") }},
		{name: "a default namespace that nothing uses", change: func(p *page) { p.response.CreateAttr("xmlns", "urn:example:other") }},
	}
}

// sizes are documents that cost much.
func sizes() []attack {
	inside := func(text string) func(string) string {
		return func(s string) string { return strings.Replace(s, "Status>", "Status>"+text, 1) }
	}
	all := []attack{
		{name: "1 MB", guard: guardSize, rewrite: in(strings.Repeat("a", 1<<20))},
		{name: "260 KiB", guard: guardSize, rewrite: in(strings.Repeat("a", 260<<10))},
		{name: "10,000 elements", guard: guardElements, rewrite: inside(strings.Repeat("<a/>", 10_000))},
		{name: "depth 1,000", guard: guardElements, rewrite: inside(strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000))},
		{name: "20,000 attributes", guard: guardAttributes, rewrite: attributes(`a%d=""`, 20_000, "")},
		{name: "9,000 namespaces", guard: guardAttributes, rewrite: attributes(`xmlns:a%d="urn:a"`, 9_000, "")},
		{name: "20,000 attributes of the root, through which each of 2,400 elements looks for its namespace", guard: guardAttributes, rewrite: func(s string) string {
			at := strings.Index(s, " xmlns:")
			var many strings.Builder
			for i := range 20_000 {
				many.WriteString(" a" + strconv.FormatInt(int64(i), 36) + `=""`)
			}
			s = s[:at] + many.String() + s[at:]
			at = strings.Index(s, "StatusCode")
			prefix := s[strings.LastIndex(s[:at], "<")+1 : at]
			return s[:at-len(prefix)-1] + strings.Repeat(strings.Repeat("<"+prefix+"q>", 20)+strings.Repeat("</"+prefix+"q>", 20), 120) + s[at-len(prefix)-1:]
		}},
		{name: "6,000 namespaces over 2,000 elements in a value", guard: guardAttributes, rewrite: func(s string) string {
			s = attributes(`xmlns:a%d="u"`, 6_000, "")(s)
			at := strings.Index(s, "AttributeValue")
			end := at + strings.Index(s[at:], ">") + 1
			return s[:end] + strings.Repeat(strings.Repeat("<q xmlns=\"\">", 10)+strings.Repeat("</q>", 10), 200) + s[end:]
		}},
	}
	for i := range 50 {
		all = append(all, attack{name: fmt.Sprintf("cut at %d/50", i), guard: guardXML, rewrite: func(s string) string { return s[:len(s)*i/50] }})
	}
	return all
}

// attributes gives the response many of one pattern.
func attributes(pattern string, count int, after string) func(string) string {
	var many strings.Builder
	for i := range count {
		fmt.Fprintf(&many, " "+pattern, i)
	}
	return func(s string) string {
		return strings.Replace(s, ` Version="2.0"`, many.String()+` Version="2.0"`+after, 1)
	}
}
