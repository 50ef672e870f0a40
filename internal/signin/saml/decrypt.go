package saml

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"
	"github.com/russellhaering/gosaml2/types"
)

// The algorithms of encryption that say when something was changed (XML
// Encryption 1.1 §5.2.4), and that of keys without a padding oracle (§5.5.2).
var (
	dataMethods = []string{types.MethodAES128GCM, types.MethodAES192GCM, types.MethodAES256GCM}
	keyMethods  = []string{types.MethodRSAOAEP, types.MethodRSAOAEP2}
)

// errNotDecrypted is the one error of decrypting, whatever failed: no answer
// tells somebody who tries out ciphertexts how far they came.
var errNotDecrypted = errors.New("its assertion can't be decrypted with this provider's key by AES-GCM and RSA-OAEP")

// decrypt gives the assertion in an EncryptedAssertion. It is as untrusted as
// before: whoever has our certificate can encrypt.
func decrypt(e *etree.Element, ours func() ([]tls.Certificate, error)) (*etree.Element, error) {
	if ours == nil {
		return nil, errNotDecrypted
	}
	keys, err := ours()
	if err != nil {
		return nil, err
	}
	encrypted, ok := encryptedOf(e)
	if !ok {
		return nil, errNotDecrypted
	}
	for _, key := range keys {
		document, err := encrypted.DecryptBytes(&key)
		if err != nil {
			continue
		}
		assertion, err := parse(document)
		if err != nil || !is(assertion, nsAssertion, "Assertion") || checkShape(assertion, assertion) != nil {
			return nil, errNotDecrypted
		}
		return assertion, nil
	}
	return nil, errNotDecrypted
}

// encryptedOf takes the one ciphertext and the one key of it; ours is the only
// certificate, so that what is said of others is left out.
func encryptedOf(e *etree.Element) (types.EncryptedAssertion, bool) {
	var out types.EncryptedAssertion
	data, err := only(e, nsEncryption, "EncryptedData")
	if err != nil || data == nil {
		return out, false
	}
	keys := children(e, nsEncryption, "EncryptedKey")
	for _, info := range children(data, nsSignature, "KeyInfo") {
		keys = append(keys, children(info, nsEncryption, "EncryptedKey")...)
	}
	if len(keys) != 1 {
		return out, false
	}
	var ok [2]bool
	out.EncryptionMethod, out.CipherValue, ok[0] = cipherOf(data)
	out.EncryptedKey.EncryptionMethod, out.EncryptedKey.CipherValue, ok[1] = cipherOf(keys[0])
	return out, ok[0] && ok[1] &&
		slices.Contains(dataMethods, out.EncryptionMethod.Algorithm) && slices.Contains(keyMethods, out.EncryptedKey.EncryptionMethod.Algorithm)
}

func cipherOf(e *etree.Element) (method types.EncryptionMethod, value string, ok bool) {
	how, err := only(e, nsEncryption, "EncryptionMethod")
	if err != nil || how == nil {
		return method, "", false
	}
	method.Algorithm = how.SelectAttrValue("Algorithm", "")
	if digest, err := only(how, nsSignature, "DigestMethod"); err != nil {
		return method, "", false
	} else if digest != nil {
		method.DigestMethod = &types.DigestMethod{Algorithm: digest.SelectAttrValue("Algorithm", "")}
	}
	data, err := only(e, nsEncryption, "CipherData")
	if err != nil || data == nil {
		return method, "", false
	}
	text, err := only(data, nsEncryption, "CipherValue")
	if err != nil || text == nil {
		return method, "", false
	}
	return method, strings.Join(strings.Fields(text.Text()), ""), true
}
