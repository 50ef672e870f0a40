package duckdb

import (
	"encoding/binary"
	"errors"
)

// thrift walks over a structure in Thrift's compact form and makes sure that all
// that it announces is there. The engine makes room for what is announced before
// it looks, so that a file of some bytes could take all memory.
type thrift struct {
	bytes   []byte
	structs int // as many may still come
	values  int // of lists, also
}

var errThrift = errors.New("the structure announces what is not there")

// The types of the compact form.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

const thriftDepth = 16

func (t *thrift) take(n uint64) ([]byte, error) {
	if n > uint64(len(t.bytes)) {
		return nil, errThrift
	}
	taken := t.bytes[:n]
	t.bytes = t.bytes[n:]
	return taken, nil
}

func (t *thrift) varint() (uint64, error) {
	v, n := binary.Uvarint(t.bytes)
	if n <= 0 {
		return 0, errThrift
	}
	t.bytes = t.bytes[n:]
	return v, nil
}

// structure walks over one.
func (t *thrift) structure(depth int) error {
	if t.structs--; t.structs < 0 || depth > thriftDepth {
		return errThrift
	}
	for {
		head, err := t.take(1)
		if err != nil {
			return err
		}
		kind := head[0] & 15
		if kind == thriftStop {
			return nil
		}
		if head[0]>>4 == 0 { // the field's number stands apart
			if _, err := t.varint(); err != nil {
				return err
			}
		}
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is the type
		}
		if err := t.value(kind, depth); err != nil {
			return err
		}
	}
}

func (t *thrift) value(kind byte, depth int) error {
	var err error
	switch kind {
	case thriftTrue, thriftFalse, thriftByte: // within a list a boolean is a byte
		_, err = t.take(1)
	case thriftI16, thriftI32, thriftI64:
		_, err = t.varint()
	case thriftDouble:
		_, err = t.take(8)
	case thriftBinary:
		var n uint64
		if n, err = t.varint(); err == nil {
			_, err = t.take(n)
		}
	case thriftList, thriftSet:
		err = t.list(depth)
	case thriftStruct:
		err = t.structure(depth + 1)
	default: // Parquet has no map
		err = errThrift
	}
	return err
}

func (t *thrift) list(depth int) error {
	head, err := t.take(1)
	if err != nil {
		return err
	}
	n := uint64(head[0] >> 4)
	if n == 15 {
		if n, err = t.varint(); err != nil {
			return err
		}
	}
	if n > uint64(len(t.bytes)) { // each takes a byte at least
		return errThrift
	}
	if t.values -= int(n); t.values < 0 || depth > thriftDepth {
		return errThrift
	}
	for range n {
		if err := t.value(head[0]&15, depth+1); err != nil {
			return err
		}
	}
	return nil
}
