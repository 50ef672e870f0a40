// Package spelling finds the known name that a mistyped one probably meant, so
// that an error about an unknown name can end with it.
package spelling
