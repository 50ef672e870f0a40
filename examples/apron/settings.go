package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
)

type settings struct {
	listen, frontendListen string
	frontendDir            string
	oriel                  string
	key                    string
	printPublicKey         bool
}

// parseSettings reads the flags; each takes its default from the environment.
func parseSettings(args []string, env func(string) string, usage io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("apron", flag.ContinueOnError)
	flags.SetOutput(usage)
	text := func(to *string, name, variable, standard, what string) {
		flags.StringVar(to, name, cmp.Or(env(variable), standard), what+" ($"+variable+")")
	}
	text(&s.listen, "listen", "APRON_LISTEN", "127.0.0.1:7431", "`address` of the backend")
	text(&s.frontendListen, "frontend-listen", "APRON_FRONTEND_LISTEN", "127.0.0.1:7430", "`address` of the page")
	text(&s.frontendDir, "frontend-dir", "APRON_FRONTEND_DIR", "examples/apron/frontend/dist", "`folder` with the built page")
	text(&s.oriel, "oriel", "APRON_ORIEL", "http://127.0.0.1:7420", "Oriel's site `URL`")
	text(&s.key, "key", "APRON_KEY", "", "`file` with the private key as PEM; made when there is none")
	flags.BoolVar(&s.printPublicKey, "print-public-key", false, "print the public key as PEM, for Oriel, and end")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("%q is not a flag: apron -help lists them", flags.Arg(0))
	}
	if s.key == "" {
		return settings{}, errors.New("no private key is named: say -key FILE; the file is made when there is none")
	}
	s.oriel = strings.TrimSuffix(s.oriel, "/")
	u, err := url.Parse(s.oriel)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || s.oriel != u.Scheme+"://"+u.Host || strings.ContainsAny(u.Host, " ;,'") {
		return settings{}, fmt.Errorf("-oriel %q is not a URL like http://127.0.0.1:7420", s.oriel)
	}
	return s, nil
}
