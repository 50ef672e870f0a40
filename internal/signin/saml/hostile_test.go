package saml_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// The corpus of attacks. Each case changes a real response and names what stops it:
// a part of the reason that the record gives. With nothing named, the change alters
// no meaning, and the very person who was signed is signed in. Whatever a case says,
// nobody may ever come out but that person.

// Guards, by what they say. Several stop nothing that another would not stop.
const (
	guardEncoding    = "it is no base64"
	guardSize        = "bytes"
	guardXML         = "it is no XML"
	guardDTD         = "it has a document type"
	guardComment     = "it has a comment"
	guardInstruction = "it has a processing instruction"
	guardOutside     = "it has text outside its root"
	guardRoots       = "it has more than one root"
	guardElements    = "elements"
	guardTwice       = "it has an attribute twice"
	guardNames       = "its names are ambiguous"
	guardRoot        = ", and no Response"
	guardPart        = "as a part"
	guardAssertions  = "it has more than one assertion"
	guardNesting     = "it has an assertion where none belongs"
	guardInside      = "it has a Response inside another"
	guardIDs         = "it has an id twice"
	guardPlace       = "it has a signature where none belongs"
	guardForeign     = "which is not of SAML"
	guardUntaken     = "which is not taken"
	guardText        = "has elements inside"
	guardValue       = "inside a value"
	guardOver        = "its signature is not over the element that has it, and that alone"
	guardParts       = "or has it twice"
	guardMethod      = "is none that is taken: SHA-256 or better"
	guardTransforms  = "its transforms are not"
	guardOne         = "it has more than one"
	guardKey         = "not made with a certificate of the provider"
	guardUnsigned    = "neither it nor its assertion is signed"
	guardNone        = "it has no assertion"
	guardAttributes  = "attributes"
)

// attack is one case; one of change and rewrite does it.
type attack struct {
	name    string
	guard   string
	change  func(*page) // in the tree
	rewrite func(string) string
	// of says which shapes have what the attack needs; all without one.
	of string
}

// page is a response as a tree.
type page struct {
	doc                 *etree.Document
	response, assertion *etree.Element
}

func newPage(t testing.TB, text string) *page {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		t.Fatal(err)
	}
	p := &page{doc: doc, response: doc.Root()}
	p.assertion = child(p.response, "Assertion")
	return p
}

func child(e *etree.Element, tag string) *etree.Element {
	for _, c := range e.ChildElements() {
		if c.Tag == tag {
			return c
		}
	}
	return nil
}

func find(e *etree.Element, tag string) *etree.Element { return e.FindElement(".//" + tag) }

// signed is an element that has a signature: the assertion, or the response.
func (p *page) signed() *etree.Element {
	if child(p.assertion, "Signature") != nil {
		return p.assertion
	}
	return p.response
}

func (p *page) signature() *etree.Element { return child(p.signed(), "Signature") }

// evil is a copy of an element about somebody else, under another id and unsigned.
func evil(e *etree.Element) *etree.Element {
	copied := e.Copy()
	copied.CreateAttr("ID", "_evil")
	for _, one := range append([]*etree.Element{copied}, copied.FindElements(".//Assertion")...) {
		if signature := child(one, "Signature"); signature != nil {
			one.RemoveChild(signature)
		}
		if one != copied {
			one.CreateAttr("ID", "_evil2")
		}
	}
	turn(copied)
	return copied
}

// turn makes an element be about somebody else.
func turn(e *etree.Element) {
	find(e, "NameID").SetText("mallory-1")
	for _, value := range e.FindElements(".//AttributeValue") {
		switch value.Text() {
		case "Dana@Example.com":
			value.SetText("mallory@example.com")
		case "ops":
			value.SetText("administrators")
		}
	}
}

// put puts an element before another, after it, or in its place.
func before(at, e *etree.Element) { at.Parent().InsertChildAt(at.Index(), e) }
func after(at, e *etree.Element)  { at.Parent().InsertChildAt(at.Index()+1, e) }
func instead(at, e *etree.Element) *etree.Element {
	before(at, e)
	at.Parent().RemoveChild(at)
	return at
}

// made makes an element with the prefix of another.
func made(like *etree.Element, tag string) *etree.Element {
	e := etree.NewElement(tag)
	e.Space = like.Space
	if e.Space == "" {
		e.CreateAttr("xmlns", like.NamespaceURI())
	} else {
		e.CreateAttr("xmlns:"+e.Space, like.NamespaceURI())
	}
	return e
}

// original is a response of a provider, with the person that it is about.
type original struct {
	name, shape, text string
	identity          oriel.Identity
}

// originals are of each make, in each shape.
func originals(t testing.TB) []original {
	t.Helper()
	var all []original
	for _, idp := range []string{"samlp", "pysaml2"} {
		names := []string{"response", "assertion", "both"}
		orders := make([]order, 0, len(names))
		for _, shape := range names {
			orders = append(orders, ordered(shapes[shape]...))
		}
		for i, field := range respond(t, idp, orders...) {
			identity, evidence, err := saml.Verify(field, provider(idpKey()), asked(), time.Now())
			if err != nil || identity.Email != "dana@example.com" {
				t.Fatalf("%s, %s signed: %v %+v", idp, names[i], err, evidence)
			}
			all = append(all, original{idp + ", " + names[i] + " signed", names[i], xml(t, field), identity})
		}
	}
	return all
}

func TestHostile(t *testing.T) {
	eachAttack(t, func(o original, a attack, text string) {
		if wrong := try(field(text), o, a.guard); wrong != "" {
			t.Errorf("%s, %s: %s", o.name, a.name, wrong)
		}
	})
}

// eachAttack gives every case in every shape that has what it needs.
func eachAttack(t *testing.T, do func(o original, a attack, text string)) {
	t.Helper()
	attacks := slices.Concat(wrappings(), signatures(), texts(), names(), sizes())
	for _, o := range originals(t) {
		for _, a := range attacks {
			if a.of != "" && !strings.Contains(a.of, o.shape) {
				continue
			}
			text := o.text
			if a.rewrite != nil {
				text = a.rewrite(text)
			} else {
				p := newPage(t, text)
				a.change(p)
				text, _ = p.doc.WriteToString()
			}
			if text == o.text && a.name != "nothing" {
				t.Errorf("%s, %s: nothing was changed", o.name, a.name)
			}
			do(o, a, text)
		}
	}
}

// try gives a response to Verify, and tells what is wrong with what comes of it.
// "ANOTHER" is the one thing that must never be.
func try(field string, o original, guard string) string {
	began := time.Now()
	got, evidence, err := saml.Verify(field, provider(idpKey()), asked(), began)
	took := time.Since(began)
	if took > time.Second {
		return fmt.Sprintf("SLOW: took %v", took)
	}
	if err == nil {
		if diff := cmp.Diff(o.identity, got); diff != "" {
			return "ANOTHER person or other attributes than were signed: " + diff
		}
		if guard != "" {
			return "taken, with the person who was signed; want it refused with " + guard
		}
		return ""
	}
	switch oriel.CodeOf(err) {
	case oriel.CodeSAMLResponseInvalid, oriel.CodeSAMLNotRequested, oriel.CodeClaimInvalid, oriel.CodeClaimMissing:
	default:
		return fmt.Sprintf("UNKNOWN code: %v", err)
	}
	if got.Email != "" || got.Subject != "" {
		return fmt.Sprintf("refused, with the identity %+v", got)
	}
	said := evidence.Checks[len(evidence.Checks)-1].Received
	if guard == "" {
		return "refused, though its meaning is unchanged: " + said
	}
	if !strings.Contains(said, guard) {
		return fmt.Sprintf("refused by another guard: %q, want %q", said, guard)
	}
	return ""
}
