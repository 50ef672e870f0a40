package duckdb

import "sync"

// pool keeps connections whose views are made, by the fingerprint of the
// decisions that they hold. A connection is given to equal decisions only, or to
// those of the same shape when their values have taken the place of the others'.
type pool struct {
	limit int // idle connections at most

	mu      sync.Mutex
	idle    []pooled // least recently used first
	holders int
	retired bool
}

// poolKey tells connections apart. Those without views are for compiled
// questions only and can't be had by any fingerprint.
type poolKey struct {
	filtered    bool
	fingerprint [32]byte
}

type pooled struct {
	key  poolKey
	conn *connection
}

// take gives an idle connection for the key, or nil.
func (p *pool) take(key poolKey) *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		if p.idle[i].key == key {
			conn := p.idle[i].conn
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return conn
		}
	}
	return nil
}

// takeShape gives an idle connection of somebody else who sees by the same shape,
// or nil, the least recently used one. While there is room for one more it gives
// none: whoever comes back finds what was planned for them.
func (p *pool) takeShape(wanted shape) *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle)+p.holders <= p.limit { // one of the holders is who asks
		return nil
	}
	for i := range p.idle {
		if p.idle[i].key.filtered && p.idle[i].conn.shape == wanted {
			conn := p.idle[i].conn
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return conn
		}
	}
	return nil
}

// put keeps a connection for the next query with the key. The least recently
// used one goes when there are too many.
func (p *pool) put(key poolKey, conn *connection) {
	p.mu.Lock()
	p.idle = append(p.idle, pooled{key, conn})
	var surplus *connection
	if p.retired || len(p.idle) > p.limit {
		surplus = p.idle[0].conn
		p.idle = p.idle[1:]
	}
	p.mu.Unlock()
	if surplus != nil {
		surplus.close() // nothing on it is wanted any more
	}
}

func (p *pool) hold() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		return false
	}
	p.holders++
	return true
}

// release is true when the last holder of a retired pool has gone.
func (p *pool) release() (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holders--
	return p.retired && p.holders == 0
}

// retire closes what is idle; true when nobody holds the pool.
func (p *pool) retire() (unheld bool) {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	first := !p.retired
	p.retired = true
	unheld = first && p.holders == 0
	p.mu.Unlock()
	for _, i := range idle {
		i.conn.close() // nothing on it is wanted any more
	}
	return unheld
}
