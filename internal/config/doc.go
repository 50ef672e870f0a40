// Package config reads what an operator set into one valid, immutable
// [Config]: a flag wins over the environment, the environment over oriel.yaml,
// the file over the default.
//
//	settings.go  the closed table of settings: names, help, defaults
//	flags.go     the flags that the commands share
//	load.go      gathers each setting from where it was set, with its origin
//	config.go    the Config, made of the texts, and what must hold among them
//	parse.go     one text into one value
//	file.go      oriel.yaml: strict keys, with file and line
//	print.go     the settings with where each came from; secrets as set or unset
//
// Invariant: a Config that exists is valid; whoever holds one checks nothing.
package config
