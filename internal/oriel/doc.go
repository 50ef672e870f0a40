// Package oriel is the vocabulary that every other package speaks: who a
// request acts as ([Principal]), what a provider vouched for ([Identity]),
// what is declared ([Source], [Policy], [Question], [Dashboard]), what comes
// back ([Result]) and how things fail ([Error]).
//
// It imports the standard library alone and holds no behaviour beyond keeping
// its own values valid. Every other package may import it; it imports none.
package oriel
