package kratosprocess_test

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"testing"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/mailbox"
	"efpconnect.example/internal/testkit/kratostest"
)

// Kratos writes for its requests and for its courier at the same time. On SQLite one of them may not stand in the other's way:
// a request would take five seconds longer or fail.
func TestRequestsAndCourierWriteAtOnce(t *testing.T) {
	box, err := mailbox.Start("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	log := &wholeLog{}
	k := kratostest.Start(t, func(o *kratosprocess.Options) {
		o.SMTPAddr, o.Log = box.SMTPAddr(), io.MultiWriter(o.Log, log)
	})
	t.Run("people", func(t *testing.T) {
		for n := range 8 {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for round := range 8 {
					address := fmt.Sprintf("personne.%d.%d@example.test", n, round)
					k.Create(t, kratostest.Identity{Email: address})
					recovered(t, k, address)
				}
			})
		}
	})
	if log.holds("database is locked") {
		t.Error("Kratos found its database locked")
	}
}

// wholeLog is all that Kratos logged.
type wholeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *wholeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *wholeLog) holds(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.text.Bytes(), []byte(words))
}
