package saml

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	ownKeyBits = 3072
	// ownKeyLife is long: identity providers look at the dates, and who changes a
	// key does it when they want to, with an overlap.
	ownKeyLife = 10 * 365 * 24 * time.Hour
)

// NewOwnKey makes a key of ours, with a certificate by itself: identity providers
// take it from our metadata and look at nobody who issued it.
func NewOwnKey(now time.Time) (oriel.SAMLKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, ownKeyBits)
	if err != nil {
		return oriel.SAMLKey{}, fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return oriel.SAMLKey{}, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Oriel"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownKeyLife),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return oriel.SAMLKey{}, fmt.Errorf("make a certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return oriel.SAMLKey{}, fmt.Errorf("make a key: %w", err)
	}
	return oriel.SAMLKey{Certificate: certificate, Secret: secret, Created: now, SignsFrom: now}, nil
}

// ReadOwnKey reads a key of ours as it is stored.
func ReadOwnKey(k oriel.SAMLKey) (tls.Certificate, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(k.Secret)
	if err != nil {
		return tls.Certificate{}, errors.New("a key of ours can't be read")
	}
	leaf, err := x509.ParseCertificate(k.Certificate)
	if err != nil {
		return tls.Certificate{}, errors.New("a certificate of ours can't be read")
	}
	return tls.Certificate{Certificate: [][]byte{k.Certificate}, PrivateKey: parsed, Leaf: leaf}, nil
}
