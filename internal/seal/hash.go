package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// hashBytes is enough that no two addresses ever collide by chance.
const hashBytes = 16

// Hash stands for value in a log field or a store key: equal values give equal
// hashes, and without the site's key nobody can test a guess. The caller folds
// addresses first, so that A@example.test and a@example.test are one. Hashes
// change when another key comes first.
func (b *Box) Hash(purpose, value string) string {
	return base64.RawURLEncoding.EncodeToString(mac(b.hashKey, purpose, value)[:hashBytes])
}

// mac writes each part after its length, so that ("ab","c") is not ("a","bc").
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
