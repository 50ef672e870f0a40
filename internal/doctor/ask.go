package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	within  = 5 * time.Second // from the name's look-up to the body's last byte
	maxBody = 1 << 20         // bytes
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// asker sends requests from the operator's own machine, on their word: unlike
// what a setting names, they may go anywhere that the operator could go. It
// follows no redirect and keeps no cookie.
type asker struct{ client *http.Client }

func newAsker() asker {
	return asker{client: &http.Client{
		Timeout:       within,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
	}}
}

// ask sends one request. Its errors are sentences that hold nothing of the
// address, whose query may be confidential.
func (a asker) ask(ctx context.Context, method, address string, header http.Header) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return answer{}, errors.New("its address is damaged")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := a.client.Do(request)
	if err != nil {
		return answer{}, reason(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return answer{}, reason(err)
	case len(body) > maxBody:
		return answer{}, errors.New("its answer is larger than 1 MiB")
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// reason is a failure without the address.
func reason(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var wrapped *url.Error
	var operation *net.OpError
	switch {
	case errors.As(err, &wrapped) && wrapped.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return errors.New("it did not answer in whole within 5 s")
	case errors.Is(err, context.Canceled):
		return errors.New("it was not waited for")
	case errors.As(err, &name):
		return errors.New("its name is not known to this machine's DNS")
	case errors.As(err, &certificate):
		return errors.New("its certificate is not one that this machine's trust store vouches for")
	case errors.As(err, &operation) && operation.Op == "dial":
		return errors.New("no connection to it could be made")
	}
	return errors.New("it did not answer as a web server does")
}
