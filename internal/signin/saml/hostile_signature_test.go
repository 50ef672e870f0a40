package saml_test

import (
	"encoding/base64"
	"strings"
)

// signatures change the signature, and how it says that it was made.
func signatures() []attack {
	method := func(tag, algorithm string) func(*page) {
		return func(p *page) { find(p.signature(), tag).CreateAttr("Algorithm", algorithm) }
	}
	transform := func(algorithm string) func(*page) {
		return func(p *page) {
			transforms := find(p.signature(), "Transforms")
			other := made(p.signature(), "Transform")
			other.CreateAttr("Algorithm", algorithm)
			transforms.AddChild(other)
		}
	}
	uri := func(value string) func(*page) {
		return func(p *page) { find(p.signature(), "Reference").CreateAttr("URI", value) }
	}
	return []attack{
		{name: "no signature of the assertion", guard: guardUnsigned, of: "assertion", change: func(p *page) { p.assertion.RemoveChild(p.signature()) }},
		{name: "no signature of the response", guard: guardUnsigned, of: "response", change: func(p *page) { p.response.RemoveChild(child(p.response, "Signature")) }},
		{name: "no value", guard: guardKey, change: func(p *page) { find(p.signature(), "SignatureValue").SetText("") }},
		{name: "another value", guard: guardKey, change: func(p *page) {
			find(p.signature(), "SignatureValue").SetText(base64.StdEncoding.EncodeToString(make([]byte, 256)))
		}},
		{name: "another digest", guard: guardKey, change: func(p *page) {
			find(p.signature(), "DigestValue").SetText(base64.StdEncoding.EncodeToString(make([]byte, 32)))
		}},
		{name: "a second signature", guard: guardOne, change: func(p *page) {
			other := p.signature().Copy()
			other.RemoveAttr("Id")
			after(p.signature(), other)
		}},
		{name: "a signature of the subject", guard: guardPlace, change: func(p *page) { child(p.assertion, "Subject").AddChild(p.signature().Copy()) }},
		{name: "a signature of the status", guard: guardPlace, change: func(p *page) { child(p.response, "Status").AddChild(p.signature().Copy()) }},
		{name: "a second reference", guard: guardOver, change: func(p *page) {
			reference := find(p.signature(), "Reference")
			other := reference.Copy()
			other.CreateAttr("URI", "#_evil")
			after(reference, other)
		}},
		{name: "a second reference first", guard: guardOver, change: func(p *page) {
			reference := find(p.signature(), "Reference")
			other := reference.Copy()
			other.CreateAttr("URI", "")
			before(reference, other)
		}},
		{name: "a reference to the document", guard: guardOver, change: uri("")},
		{name: "a reference to another element", guard: guardOver, change: uri("#_evil")},
		{name: "a reference by XPointer", guard: guardOver, change: uri("#xpointer(/)")},
		{name: "a reference to an address", guard: guardOver, change: uri("https://evil.example/a.xml")},
		{name: "a reference to a file", guard: guardOver, change: uri("file:///etc/passwd")},
		{name: "RSA with SHA-1", guard: guardMethod, change: method("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")},
		{name: "RSA with MD5", guard: guardMethod, change: method("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5")},
		{name: "HMAC, of which the certificate would be the secret", guard: guardMethod, change: method("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")},
		{name: "DSA", guard: guardMethod, change: method("SignatureMethod", "http://www.w3.org/2009/xmldsig11#dsa-sha256")},
		{name: "no algorithm", guard: guardMethod, change: method("SignatureMethod", "")},
		{name: "SHA-1 as digest", guard: guardMethod, change: method("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1")},
		{name: "inclusive canonicalisation", guard: guardMethod, change: method("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")},
		{name: "no canonicalisation", guard: guardMethod, change: method("CanonicalizationMethod", "urn:example:none")},
		{name: "XPath", guard: guardTransforms, change: transform("http://www.w3.org/TR/1999/REC-xpath-19991116")},
		{name: "XPath filter", guard: guardTransforms, change: transform("http://www.w3.org/2002/06/xmldsig-filter2")},
		{name: "XSLT", guard: guardTransforms, change: transform("http://www.w3.org/TR/1999/REC-xslt-19991116")},
		{name: "base64", guard: guardTransforms, change: transform("http://www.w3.org/2000/09/xmldsig#base64")},
		{name: "no transforms", guard: guardTransforms, change: func(p *page) {
			reference := find(p.signature(), "Reference")
			reference.RemoveChild(child(reference, "Transforms"))
		}},
		{name: "one transform", guard: guardTransforms, change: func(p *page) {
			transforms := find(p.signature(), "Transforms")
			transforms.RemoveChild(transforms.ChildElements()[1])
		}},
		{name: "two SignedInfo", guard: guardParts, change: func(p *page) {
			info := find(p.signature(), "SignedInfo")
			after(info, info.Copy())
		}},
		{name: "an Object", guard: guardUntaken, change: func(p *page) { p.signature().AddChild(made(p.signature(), "Object")) }},
		{name: "a Manifest", guard: guardUntaken, change: func(p *page) { find(p.signature(), "SignedInfo").AddChild(made(p.signature(), "Manifest")) }},
		// What a signature says of its key is not looked at, whatever it is.
		{name: "another's certificate in KeyInfo", change: keyInfo(func() string {
			return strings.TrimSpace(base64.StdEncoding.EncodeToString(otherKey().der))
		})},
		{name: "no certificate in KeyInfo", change: keyInfo(func() string { return "" })},
		{name: "no KeyInfo", change: func(p *page) {
			keyInfo(func() string { return "" })(p)
			p.signature().RemoveChild(child(p.signature(), "KeyInfo"))
		}},
	}
}

func keyInfo(certificate func() string) func(*page) {
	return func(p *page) {
		for _, e := range p.signature().FindElements(".//X509Certificate") {
			e.SetText(certificate())
		}
		if p.assertion != p.signed() {
			return
		}
		// The signature of a response around it covers the assertion's.
		if signature := child(p.response, "Signature"); signature != nil {
			p.response.RemoveChild(signature)
		}
	}
}
