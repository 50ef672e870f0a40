package saml

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	minRSA = 2048
	maxRSA = 8192
)

// ParseCertificate reads the one certificate of a PEM text, with a key that
// signatures of SHA-256 or better are made with. Its dates are looked at when a
// signature is, and who issued it never: it is trusted because an administrator
// said so (SAML Metadata §2.4.1.1 leaves trust to the parties).
func ParseCertificate(text []byte) (*x509.Certificate, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("this is no certificate in PEM (-----BEGIN CERTIFICATE-----)")
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("this is more than one certificate: give each a key of its own")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("this certificate can't be read")
	}
	switch key := parsed.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA {
			return nil, fmt.Errorf("this certificate's RSA key has %d bits: %d to %d are taken", bits, minRSA, maxRSA)
		}
	case *ecdsa.PublicKey:
	default:
		return nil, errors.New("this certificate's key is neither RSA nor ECDSA")
	}
	return parsed, nil
}

// SameCertificate tells whether two PEM texts are one certificate.
func SameCertificate(a, b []byte) bool {
	one, err := ParseCertificate(a)
	if err != nil {
		return false
	}
	other, err := ParseCertificate(b)
	return err == nil && one.Equal(other)
}

// HasCertificate tells whether a provider has the certificate (PEM), as whichever key.
func HasCertificate(p oriel.Provider, certificate []byte) bool {
	return slices.ContainsFunc(p.Keys, func(k oriel.ProviderKey) bool { return SameCertificate(k.Public, certificate) })
}
