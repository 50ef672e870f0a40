package duckdb

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"time"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// writer appends the value of a row of a vector's data, which is not null.
type writer func(to []byte, data unsafe.Pointer, row int) []byte

// at reads the row of a vector of values of one width: the engine's arrays have
// as many as the chunk has rows.
func at[T any](data unsafe.Pointer, row int) T {
	return *(*T)(unsafe.Add(data, uintptr(row)*unsafe.Sizeof(*new(T))))
}

// vector is a column of a chunk, good until the chunk is destroyed.
type vector struct {
	data, valid unsafe.Pointer
}

func vectorOf(chunk bindings.DataChunk, column bindings.IdxT) vector {
	v := bindings.DataChunkGetVector(chunk, column)
	return vector{data: bindings.VectorGetData(v), valid: bindings.VectorGetValidity(v)}
}

// null tells whether the row has no value: one bit a row, 64 to a word.
func (v vector) null(row int) bool {
	return v.valid != nil && at[uint64](v.valid, row/64)&(1<<(row%64)) == 0
}

// text is how the engine holds one: up to 12 bytes in itself, else a length,
// four bytes and an address.
type text struct {
	length uint32
	prefix [4]byte
	rest   [8]byte
}

// bytesAt reads a text without copying it.
func bytesAt(data unsafe.Pointer, row int) []byte {
	t := (*text)(unsafe.Add(data, uintptr(row)*unsafe.Sizeof(text{})))
	if t.length <= 12 {
		return unsafe.Slice(&t.prefix[0], t.length)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&t.rest)), t.length)
}

// wide is an integer of 128 bits.
type wide struct {
	low  uint64
	high uint64
}

func (w wide) big(signed bool) *big.Int {
	var bytes [16]byte
	binary.BigEndian.PutUint64(bytes[:8], w.high)
	binary.BigEndian.PutUint64(bytes[8:], w.low)
	v := new(big.Int).SetBytes(bytes[:])
	if signed && w.high>>63 == 1 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return v
}

// writerFor knows how to write the values of one of the engine's types, and
// what the type is here. Errors: query_refused for a type that has none.
func (c *column) writerFor(logical bindings.LogicalType) error {
	id := bindings.GetTypeId(logical)
	c.kind = oriel.TypeText
	switch id {
	case bindings.TypeVarchar:
		if alias := bindings.LogicalTypeGetAlias(logical); alias != "" {
			return c.refused(alias)
		}
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return appendText(to, bytesAt(data, row)) }
	case bindings.TypeEnum:
		return c.enumWriter(logical)
	case bindings.TypeTime:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return appendClock(to, at[int64](data, row)) }
	case bindings.TypeSQLNull:
		c.write = func(to []byte, _ unsafe.Pointer, _ int) []byte { return append(to, "null"...) }
	case bindings.TypeBoolean:
		c.kind = oriel.TypeBoolean
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendBoolean(to, at[byte](data, row) != 0)
		}
	case bindings.TypeFloat:
		c.kind = oriel.TypeNumber
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendNumber(to, float64(at[float32](data, row)), 32)
		}
	case bindings.TypeDouble:
		c.kind = oriel.TypeNumber
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendNumber(to, at[float64](data, row), 64)
		}
	case bindings.TypeDecimal:
		c.kind = oriel.TypeDecimal
		return c.decimalWriter(logical)
	case bindings.TypeDate:
		c.kind = oriel.TypeDate
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return appendDate(to, at[int32](data, row)) }
	case bindings.TypeTimestamp, bindings.TypeTimestampS, bindings.TypeTimestampMS, bindings.TypeTimestampNS:
		c.kind = oriel.TypeTimestamp
		c.write = timestampWriter(id)
	default:
		c.kind = oriel.TypeInteger // integer64 once a value asks for it
		return c.integerWriter(id)
	}
	return nil
}

func (c *column) integerWriter(id bindings.Type) error {
	switch id {
	case bindings.TypeTinyInt:
		c.write = whole[int8](c)
	case bindings.TypeSmallInt:
		c.write = whole[int16](c)
	case bindings.TypeInteger:
		c.write = whole[int32](c)
	case bindings.TypeBigInt:
		c.write = whole[int64](c)
	case bindings.TypeUTinyInt:
		c.write = whole[uint8](c)
	case bindings.TypeUSmallInt:
		c.write = whole[uint16](c)
	case bindings.TypeUInteger:
		c.write = whole[uint32](c)
	case bindings.TypeUBigInt:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return c.unsigned(to, at[uint64](data, row)) }
	case bindings.TypeHugeInt, bindings.TypeUHugeInt:
		signed := id == bindings.TypeHugeInt
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return c.huge(to, at[wide](data, row), signed) }
	default:
		return c.refused(engineName(id))
	}
	return nil
}

// whole writes integers that fit an int64.
func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](c *column) writer {
	return func(to []byte, data unsafe.Pointer, row int) []byte { return c.integer(to, int64(at[T](data, row))) }
}

func (c *column) enumWriter(logical bindings.LogicalType) error {
	values := make([][]byte, bindings.EnumDictionarySize(logical))
	for i := range values {
		values[i] = appendText(nil, []byte(bindings.EnumDictionaryValue(logical, bindings.IdxT(i))))
	}
	var index func(data unsafe.Pointer, row int) int
	switch bindings.EnumInternalType(logical) {
	case bindings.TypeUTinyInt:
		index = func(data unsafe.Pointer, row int) int { return int(at[uint8](data, row)) }
	case bindings.TypeUSmallInt:
		index = func(data unsafe.Pointer, row int) int { return int(at[uint16](data, row)) }
	case bindings.TypeUInteger:
		index = func(data unsafe.Pointer, row int) int { return int(at[uint32](data, row)) }
	default:
		return c.refused("ENUM")
	}
	c.write = func(to []byte, data unsafe.Pointer, row int) []byte { return append(to, values[index(data, row)]...) }
	return nil
}

func (c *column) decimalWriter(logical bindings.LogicalType) error {
	scale := int(bindings.DecimalScale(logical))
	switch bindings.DecimalInternalType(logical) {
	case bindings.TypeSmallInt:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendDecimal(to, int64(at[int16](data, row)), scale)
		}
	case bindings.TypeInteger:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendDecimal(to, int64(at[int32](data, row)), scale)
		}
	case bindings.TypeBigInt:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendDecimal(to, at[int64](data, row), scale)
		}
	case bindings.TypeHugeInt:
		c.write = func(to []byte, data unsafe.Pointer, row int) []byte {
			return appendDigits(to, at[wide](data, row).big(true).String(), scale)
		}
	default:
		return c.refused("DECIMAL")
	}
	return nil
}

func timestampWriter(id bindings.Type) writer {
	read := func(v int64) time.Time { return time.UnixMicro(v) }
	switch id {
	case bindings.TypeTimestampS:
		read = func(v int64) time.Time { return time.Unix(v, 0) }
	case bindings.TypeTimestampMS:
		read = func(v int64) time.Time { return time.UnixMilli(v) }
	case bindings.TypeTimestampNS:
		read = func(v int64) time.Time { return time.Unix(0, v) }
	}
	return func(to []byte, data unsafe.Pointer, row int) []byte {
		v := at[int64](data, row)
		if infinite(v) {
			return append(to, "null"...)
		}
		return appendTimestamp(to, read(v).UTC())
	}
}

// engineName is what an analyst calls a type that a result can't hold.
func engineName(id bindings.Type) string {
	switch id {
	case bindings.TypeInterval:
		return "INTERVAL"
	case bindings.TypeBlob:
		return "BLOB"
	case bindings.TypeUUID:
		return "UUID"
	case bindings.TypeBit:
		return "BIT"
	case bindings.TypeList, bindings.TypeArray:
		return "LIST"
	case bindings.TypeStruct, bindings.TypeMap, bindings.TypeUnion:
		return "STRUCT"
	case bindings.TypeTimestampTZ:
		return "TIMESTAMP WITH TIME ZONE"
	case bindings.TypeTimeTZ:
		return "TIME WITH TIME ZONE"
	}
	return fmt.Sprintf("number %d of the engine's", id)
}
