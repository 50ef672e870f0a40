package saml

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/beevik/etree"
)

// The bounds of a document (contract §5).
const (
	maxDocument = 256 << 10 // bytes of XML
	// maxElements is as many as the signature library looks through: of more, it
	// would say that nobody signed them.
	maxElements = 1_000
	// maxAttributes is of one element, declarations of namespaces among them: each
	// element below looks through them for its own.
	maxAttributes = 40
	maxDepth      = 24
)

// decode takes the base64 of a form field (SAML Bindings §3.5.4), in which
// white space is tolerated.
func decode(field string) ([]byte, error) {
	if len(field) > maxDocument*2 {
		return nil, fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	clean := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n':
			return -1
		}
		return r
	}, field)
	document, err := base64.StdEncoding.Strict().DecodeString(clean)
	switch {
	case err != nil:
		return nil, errors.New("it is no base64")
	case len(document) > maxDocument:
		return nil, fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	return document, nil
}

// parse reads a document that means one thing, whoever reads it.
func parse(document []byte) (*etree.Element, error) {
	if len(document) > maxDocument {
		return nil, fmt.Errorf("it has more than %d bytes", maxDocument)
	}
	if err := scan(document); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil {
		return nil, errors.New("it is no XML")
	}
	root := tree.Root()
	if root == nil {
		return nil, errors.New("it is empty")
	}
	return root, nil
}

// scan looks at each token once, without a tree. It stops at the first that no
// response has: document types, with which come entities and requests for other
// documents; comments and processing instructions, which some readers skip inside
// a value and others stop at; and a second root.
func scan(document []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	elements, depth, roots := 0, 0, 0
	for first := true; ; first = false {
		token, err := decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			if depth != 0 || roots != 1 {
				return errors.New("it is no XML document")
			}
			return nil
		case err != nil:
			return errors.New("it is no XML")
		}
		switch token := token.(type) {
		case xml.Directive:
			return errors.New("it has a document type")
		case xml.Comment:
			return errors.New("it has a comment")
		case xml.ProcInst:
			if !first || token.Target != "xml" {
				return errors.New("it has a processing instruction")
			}
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(token)) > 0 {
				return errors.New("it has text outside its root")
			}
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			elements++
			depth++
			switch {
			case !isPlainName(token.Name):
				return errors.New("its names are ambiguous")
			case roots > 1:
				return errors.New("it has more than one root")
			case elements > maxElements:
				return fmt.Errorf("it has more than %d elements", maxElements)
			case depth > maxDepth:
				return fmt.Errorf("it is more than %d elements deep", maxDepth)
			}
			if err := scanAttributes(token); err != nil {
				return err
			}
		}
	}
}

// isPlainName tells whether a name is at most one prefix and one name, neither with
// a colon or anything else that a reader could take for the border between them
// (Namespaces in XML §4): encoding/xml writes other names otherwise than it reads
// them.
func isPlainName(name xml.Name) bool {
	return (name.Space == "" || isPlain(name.Space)) && isPlain(name.Local)
}

func isPlain(text string) bool {
	for i, c := range text {
		switch {
		case c == '_', unicode.IsLetter(c):
		case i > 0 && (c == '-' || c == '.' || unicode.IsDigit(c) || unicode.IsMark(c)):
		default:
			return false
		}
	}
	return text != ""
}

func scanAttributes(element xml.StartElement) error {
	if len(element.Attr) > maxAttributes {
		return fmt.Errorf("it has an element of more than %d attributes", maxAttributes)
	}
	seen := make(map[xml.Name]bool, len(element.Attr))
	for _, attribute := range element.Attr {
		if !isPlainName(attribute.Name) {
			return errors.New("its names are ambiguous")
		}
		if seen[attribute.Name] {
			return errors.New("it has an attribute twice")
		}
		seen[attribute.Name] = true
	}
	return nil
}
