package deploy

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"efpconnect.example/internal/kratosprocess"
	"efpconnect.example/internal/testkit/kratostest"
)

// askCode has Kratos make a mail with a code for an account.
func askCode(t *testing.T, k *kratostest.Kratos, address string) {
	t.Helper()
	var flow struct {
		ID string `json:"id"`
	}
	k.Call(t, http.MethodGet, k.PublicURL+"/self-service/recovery/api", nil, &flow)
	k.Call(t, http.MethodPost, k.PublicURL+"/self-service/recovery?flow="+flow.ID, map[string]string{"method": "code", "email": address}, nil)
}

// choosy refuses some recipients for good, and is away before it is served.
type choosy struct {
	provider
	refused string // beginning of their addresses
}

func (c *choosy) serveOn(t *testing.T, l net.Listener) {
	t.Helper()
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return choosySession{session{&c.provider}, c}, nil }))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
}

type choosySession struct {
	session
	of *choosy
}

func (s choosySession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if s.of.refused != "" && strings.HasPrefix(to, s.of.refused) {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

// TestCodesOutliveTheRelay: a relay that is away for longer than Kratos's six tries by default loses no code.
func TestCodesOutliveTheRelay(t *testing.T) {
	needPostgres(t)
	free, err := kratosprocess.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	// Nobody else takes a port of this address while nothing listens there.
	address := net.JoinHostPort("127.0.0.77", port(free.Addr().String()))
	free.Close()
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.SMTPAddr = address })
	k.Create(t, kratostest.Identity{Email: "waiting@example.test"})
	askCode(t, k, "waiting@example.test")
	<-time.After(20 * time.Second) // the outage itself: Kratos counts its tries by the clock
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	relay := &choosy{}
	relay.serveOn(t, l)
	eventually(t, "the code comes when the relay is back", func() bool { return len(relay.mails()) == 1 })
}

// TestRefusedRecipientsDelayNobody: ten addresses that the relay refuses for good are the oldest of the queue, and stay there.
func TestRefusedRecipientsDelayNobody(t *testing.T) {
	needPostgres(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	relay := &choosy{refused: "refused"}
	relay.serveOn(t, l)
	k := kratostest.Start(t, func(o *kratosprocess.Options) { o.SMTPAddr = l.Addr().String() })
	for i := range 10 {
		address := fmt.Sprintf("refused%d@example.test", i)
		k.Create(t, kratostest.Identity{Email: address})
		askCode(t, k, address)
	}
	for i := range 3 {
		address := fmt.Sprintf("camille%d@example.test", i)
		k.Create(t, kratostest.Identity{Email: address})
		began := time.Now()
		askCode(t, k, address)
		eventually(t, "a mail behind them goes out", func() bool { return len(relay.mails()) == i+1 })
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("after %v", took)
		}
	}
}
