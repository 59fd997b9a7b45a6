package deploy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"efpconnect.example/internal/testkit/sitetest"
)

// background outlives t.Context(), which is over when a test is cleaned up.
var background = context.Background()

// roots are the certificates that the browsers of these tests know.
var roots = x509.NewCertPool()

// trustTheProxy makes browsers find every https host at the proxy, as a name server would, and know its certificate.
func trustTheProxy(t *testing.T, address string) {
	t.Helper()
	before := http.DefaultTransport
	http.DefaultTransport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, asked string) (net.Conn, error) {
			if host, _, _ := net.SplitHostPort(asked); net.ParseIP(host) == nil {
				asked = address
			}
			return new(net.Dialer).DialContext(ctx, network, asked)
		},
	}
	t.Cleanup(func() { http.DefaultTransport = before })
}

// writeCertificate signs one for a host by itself, and writes it with its key as HAProxy reads them.
func writeCertificate(t *testing.T, file, host string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	roots.AppendCertsFromPEM(chain)
	if err := os.WriteFile(file, append(chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill types into fields, given as pairs.
func fill(b *sitetest.Browser, pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := b.Fill(pairs[i], pairs[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// eventually waits for what is due within seconds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("not so: %s", what)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
