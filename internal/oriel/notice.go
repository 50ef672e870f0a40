package oriel

// NoticeKind says what a [Notice] is about.
type NoticeKind string

// The kinds of notice. Whatever is none of the first three is all.
const (
	// NoticeSession: one session ended or changed; the key is the lower-case
	// hex of its token's SHA-256.
	NoticeSession NoticeKind = "session"
	// NoticeUser: what a user may see or do changed; the key is the user's id.
	NoticeUser NoticeKind = "user"
	// NoticeUserSessions: all sessions of a user ended; the key is the user's id.
	NoticeUserSessions NoticeKind = "user_sessions"
	// NoticeAll: whatever was read before may be stale.
	NoticeAll NoticeKind = "all"
)

// Notice tells whoever keeps what they read from the store that it changed.
// Notices of a write come before its answer; those of other nodes within 1 s.
type Notice struct {
	Kind NoticeKind
	Key  string
}
