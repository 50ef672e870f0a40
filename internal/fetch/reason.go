package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
)

// sentence is a failure that is told as it stands.
type sentence string

func (s sentence) Error() string { return string(s) }

const errTooBig = sentence("its document is larger than 1 MiB")

// reason says what failed without what the libraries add: the whole address,
// which may be confidential, and words that the other side chose.
func reason(err error) error {
	var told sentence
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var wrapped *url.Error
	timedOut := errors.As(err, &wrapped) && wrapped.Timeout()
	switch {
	case errors.As(err, &told):
		return told
	case errors.Is(err, context.Canceled):
		return sentence("the fetch was given up, since whoever waited for it went away")
	case timedOut || isTimeout(err):
		return sentence("it did not answer in whole within 5 s")
	case errors.As(err, &name):
		return sentence("its name is not known to the server's DNS")
	case errors.As(err, &certificate):
		return sentence("its certificate is not one that the server's trust store vouches for")
	}
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "dial" {
		return sentence("no connection to it could be made")
	}
	return sentence("it did not answer as a web server does")
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
