package oriel

// Origin is one entry of a list of authorized origins: scheme://host[:port],
// where the host may begin with "*." and the port may be "*" (sign-in
// contract §6). Only [ParseOrigin] makes one.
type Origin struct {
	scheme, host, port string
	anySubdomain       bool
}
