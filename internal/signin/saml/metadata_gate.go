package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/beevik/etree"
	rtvalidator "github.com/mattermost/xml-roundtrip-validator"
)

// The bounds of metadata, which may list the providers of a whole federation.
const (
	maxMetadata         = 1 << 20 // bytes
	maxMetadataElements = 10_000
)

// parseMetadata reads metadata that mean one thing, whoever reads them. Its gate
// is wider than that of a response: comments and instructions are common between
// elements, and so are elements that are not of SAML.
func parseMetadata(document []byte) (*etree.Element, error) {
	if len(document) > maxMetadata {
		return nil, fmt.Errorf("the metadata have more than %d bytes", maxMetadata)
	}
	document = bytes.TrimPrefix(document, []byte("\xef\xbb\xbf"))
	if err := scanMetadata(document); err != nil {
		return nil, err
	}
	if err := rtvalidator.Validate(bytes.NewReader(document)); err != nil {
		return nil, errors.New("its names are ambiguous")
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil || tree.Root() == nil {
		return nil, errors.New("it is no XML")
	}
	root := tree.Root()
	if !is(root, nsMetadata, "EntityDescriptor") && !is(root, nsMetadata, "EntitiesDescriptor") {
		return nil, fmt.Errorf("it is a %s, and no metadata of SAML 2.0", oneWord(root.Tag))
	}
	return root, checkMetadata(root)
}

// scanMetadata looks at each token once, without a tree, and stops at the first
// that no metadata have: document types, with which come entities and requests for
// other documents; and a comment or an instruction inside a value, which some
// readers skip and others stop at.
func scanMetadata(document []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	// What was met in each open element, the document itself first.
	type met struct{ text, aside bool }
	open := []met{{}}
	elements, roots := 0, 0
	for first := true; ; first = false {
		token, err := decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			if len(open) != 1 || roots != 1 {
				return errors.New("it is no XML document")
			}
			return nil
		case err != nil:
			return errors.New("it is no XML")
		}
		here := &open[len(open)-1]
		switch token := token.(type) {
		case xml.Directive:
			return errors.New("it has a document type")
		case xml.Comment:
			here.aside = true
		case xml.ProcInst:
			if token.Target == "xml" && !first {
				return errors.New("it has a processing instruction")
			}
			here.aside = true
		case xml.CharData:
			here.text = here.text || len(bytes.TrimSpace(token)) > 0
			if here.text && len(open) == 1 {
				return errors.New("it has text outside its root")
			}
		case xml.EndElement:
			if open = open[:len(open)-1]; len(open) == 0 {
				return errors.New("it is no XML")
			}
		case xml.StartElement:
			if len(open) == 1 {
				roots++
			}
			elements++
			open = append(open, met{})
			switch {
			case roots > 1:
				return errors.New("it has more than one root")
			case elements > maxMetadataElements:
				return fmt.Errorf("it has more than %d elements", maxMetadataElements)
			case len(open)-1 > maxDepth:
				return fmt.Errorf("it is more than %d elements deep", maxDepth)
			}
			if err := scanAttributes(token); err != nil {
				return err
			}
		}
		if here.text && here.aside {
			return errors.New("it has a comment or an instruction inside a value")
		}
	}
}

// checkMetadata holds metadata to ids that are each one element's, and to
// signatures that are each over the descriptor that has it, and that alone: then
// no other can stand for the one that is verified.
func checkMetadata(root *etree.Element) error {
	ids := map[string]bool{}
	for _, e := range root.FindElements("//*") {
		for _, a := range e.Attr {
			switch a.Key {
			case "ID", "Id", "id", "iD":
				if ids[a.Value] {
					return errors.New("it has an id twice")
				}
				ids[a.Value] = true
			}
		}
		if !is(e, nsSignature, "Signature") {
			continue
		}
		parent := e.Parent()
		if parent == nil || !is(parent, nsMetadata, "EntityDescriptor") && !is(parent, nsMetadata, "EntitiesDescriptor") {
			return errors.New("it has a signature where none belongs")
		}
		if err := checkSignature(parent); err != nil {
			return err
		}
	}
	return nil
}
