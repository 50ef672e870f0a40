package saml_test

import "github.com/beevik/etree"

// wrappings move what was signed to a place where it is found and not read, and put
// what was not signed where it is read (Somorovsky et al., On Breaking SAML, 2012:
// XSW1 to XSW8), and their neighbours.
func wrappings() []attack {
	return []attack{
		{name: "nothing", change: func(*page) {}},
		{name: "XSW1: an evil response around the signed one, in the signature", guard: guardInside, of: "response both", change: around(func(_, signature, signed *etree.Element) {
			signature.AddChild(signed)
		})},
		{name: "XSW1: the same, in the signature's Object", guard: guardUntaken, of: "response both", change: around(func(_, signature, signed *etree.Element) {
			object := made(signature, "Object")
			object.AddChild(signed)
			signature.AddChild(object)
		})},
		{name: "XSW2: the signed response before its signature, in the evil one", guard: guardPart, of: "response both", change: around(func(evil, _, signed *etree.Element) {
			evil.InsertChildAt(1, signed)
		})},
		{name: "XSW3: an evil assertion before", guard: guardAssertions, change: func(p *page) { before(p.assertion, evil(p.assertion)) }},
		{name: "XSW3: an evil assertion after", guard: guardAssertions, change: func(p *page) { after(p.assertion, evil(p.assertion)) }},
		{name: "XSW4: the signed assertion in an evil one", guard: guardNesting, change: func(p *page) {
			around := evil(p.assertion)
			around.AddChild(instead(p.assertion, around))
		}},
		{name: "XSW4: in the subject of an evil one", guard: guardNesting, change: func(p *page) {
			around := evil(p.assertion)
			child(around, "Subject").AddChild(instead(p.assertion, around))
		}},
		{name: "XSW5: an evil assertion has the signature, the signed one is after it", guard: guardAssertions, of: "assertion both", change: func(p *page) {
			signature := child(p.assertion, "Signature")
			around := evil(p.assertion)
			p.assertion.RemoveChild(signature)
			around.InsertChildAt(1, signature)
			before(p.assertion, around)
		}},
		{name: "XSW6: the signed assertion in the signature of an evil one", guard: guardNesting, of: "assertion both", change: func(p *page) {
			signature := child(p.assertion, "Signature")
			around := evil(p.assertion)
			signed := instead(p.assertion, around)
			signed.RemoveChild(signature)
			signature.AddChild(signed)
			around.InsertChildAt(1, signature)
		}},
		{name: "XSW7: the evil assertion in Extensions", guard: guardPart, change: func(p *page) {
			extensions := made(p.response, "Extensions")
			extensions.AddChild(evil(p.assertion))
			before(p.assertion, extensions)
		}},
		{name: "XSW7: the signed assertion in Extensions", guard: guardPart, change: func(p *page) {
			around := evil(p.assertion)
			extensions := made(p.response, "Extensions")
			extensions.AddChild(instead(p.assertion, around))
			before(around, extensions)
		}},
		{name: "XSW8: the signed assertion in an Object of the signature of an evil one", guard: guardUntaken, of: "assertion both", change: func(p *page) {
			signature := child(p.assertion, "Signature")
			object := made(signature, "Object")
			around := evil(p.assertion)
			signed := instead(p.assertion, around)
			signed.RemoveChild(signature)
			object.AddChild(signed)
			// Before what is looked at first.
			signature.InsertChildAt(0, object)
			around.InsertChildAt(1, signature)
		}},
		{name: "the signed assertion in Advice", guard: guardUntaken, change: func(p *page) {
			around := evil(p.assertion)
			advice := made(p.assertion, "Advice")
			advice.AddChild(instead(p.assertion, around))
			around.AddChild(advice)
		}},
		{name: "nothing but Advice", guard: guardUntaken, change: func(p *page) { p.assertion.AddChild(made(p.assertion, "Advice")) }},
		{name: "the signed assertion in a wrapper of another namespace", guard: guardPart, change: func(p *page) {
			around := evil(p.assertion)
			wrapper := foreign("Wrapper")
			wrapper.AddChild(instead(p.assertion, around))
			before(around, wrapper)
		}},
		{name: "the signed assertion in the status", guard: guardNesting, change: func(p *page) {
			around := evil(p.assertion)
			child(p.response, "Status").AddChild(instead(p.assertion, around))
		}},
		{name: "the signed assertion in a value of an evil one", guard: guardValue, change: func(p *page) {
			around := evil(p.assertion)
			find(around, "AttributeValue").AddChild(instead(p.assertion, around))
		}},
		{name: "the signed assertion in another's own XML in a value of an evil one", guard: guardValue, change: func(p *page) {
			around := evil(p.assertion)
			own := foreign("Own")
			own.AddChild(instead(p.assertion, around))
			find(around, "AttributeValue").AddChild(own)
		}},
		{name: "the signed assertion in the NameID of an evil one", guard: guardText, change: func(p *page) {
			around := evil(p.assertion)
			find(around, "NameID").AddChild(instead(p.assertion, around))
		}},
		{name: "the signed assertion in the issuer of the response", guard: guardText, change: func(p *page) {
			around := evil(p.assertion)
			child(p.response, "Issuer").AddChild(instead(p.assertion, around))
		}},
		{name: "the signed assertion as an encrypted one beside an evil one", guard: guardAssertions, change: func(p *page) {
			around := evil(p.assertion)
			wrapper := made(p.assertion, "EncryptedAssertion")
			wrapper.AddChild(instead(p.assertion, around))
			after(around, wrapper)
		}},
		{name: "the ids of the signed and the evil assertion are swapped", guard: guardAssertions, change: func(p *page) {
			around := evil(p.assertion)
			around.CreateAttr("ID", p.assertion.SelectAttrValue("ID", ""))
			p.assertion.CreateAttr("ID", "_evil")
			before(p.assertion, around)
		}},
		{name: "the evil assertion has the id of the signed one, which is in a value", guard: guardValue, change: func(p *page) {
			around := evil(p.assertion)
			around.CreateAttr("ID", p.assertion.SelectAttrValue("ID", ""))
			find(around, "AttributeValue").AddChild(instead(p.assertion, around))
		}},
		{name: "an ID in a value is the assertion's", guard: guardIDs, change: sameID("ID")},
		{name: "an Id in a value is the assertion's", guard: guardIDs, change: sameID("Id")},
		{name: "an id in a value is the assertion's", guard: guardIDs, change: sameID("id")},
		{name: "an xml:id in a value is the assertion's", guard: guardIDs, change: sameID("xml:id")},
		{name: "an evil assertion with the signature of the signed one", guard: guardOver, of: "assertion both", change: func(p *page) {
			around := evil(p.assertion)
			around.InsertChildAt(1, child(p.assertion, "Signature").Copy())
			instead(p.assertion, around)
		}},
		{name: "an evil assertion with the signature and the id of the signed one", guard: guardKey, of: "assertion both", change: func(p *page) {
			around := evil(p.assertion)
			around.CreateAttr("ID", p.assertion.SelectAttrValue("ID", ""))
			around.InsertChildAt(1, child(p.assertion, "Signature").Copy())
			instead(p.assertion, around)
		}},
		{name: "an evil assertion without a signature", guard: guardUnsigned, of: "assertion", change: func(p *page) { instead(p.assertion, evil(p.assertion)) }},
		{name: "an evil assertion in the signed response", guard: guardKey, of: "response both", change: func(p *page) { instead(p.assertion, evil(p.assertion)) }},
		{name: "another person in the place of the signed one", guard: guardKey, change: func(p *page) { turn(p.assertion) }},
		{name: "no assertion", guard: guardNone, change: func(p *page) { p.response.RemoveChild(p.assertion) }},
		{name: "the assertion alone", guard: guardRoot, change: func(p *page) { p.doc.SetRoot(p.assertion) }},
		{name: "a response in a response", guard: guardPart, change: func(p *page) { p.response.AddChild(evil(p.response)) }},
		{name: "a second subject", guard: guardKey, change: func(p *page) {
			subject := child(p.assertion, "Subject")
			other := made(p.assertion, "Subject")
			other.AddChild(find(evil(p.assertion), "NameID").Copy())
			before(subject, other)
		}},
		{name: "a second statement", guard: guardKey, change: func(p *page) { p.assertion.AddChild(child(evil(p.assertion), "AttributeStatement").Copy()) }},
	}
}

// around makes an evil response of the signed one's signature, and puts the signed
// one somewhere.
func around(put func(evil, signature, signed *etree.Element)) func(*page) {
	return func(p *page) {
		signed := p.response
		signature := child(signed, "Signature")
		wrapper := evil(signed)
		p.doc.SetRoot(wrapper)
		signed.RemoveChild(signature)
		wrapper.InsertChildAt(1, signature)
		put(wrapper, signature, signed)
	}
}

func foreign(tag string) *etree.Element {
	e := etree.NewElement(tag)
	e.CreateAttr("xmlns", "urn:example:other")
	return e
}

func sameID(attribute string) func(*page) {
	return func(p *page) {
		own := foreign("Own")
		own.CreateAttr(attribute, p.assertion.SelectAttrValue("ID", ""))
		find(p.assertion, "AttributeValue").AddChild(own)
	}
}
