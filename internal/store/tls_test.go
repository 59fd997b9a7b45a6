package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"efpconnect.example/internal/store"
)

// askedOverTLS names the Redis that a process of this test asks: Go reads SSL_CERT_FILE once in a process.
const askedOverTLS = "STORE_TEST_TLS"

// TestRedisOverTLS: rediss:// speaks to a Redis whose certificate the machine trusts, and to no other.
func TestRedisOverTLS(t *testing.T) {
	if address := os.Getenv(askedOverTLS); address != "" {
		client, err := store.RedisClient("rediss://" + address)
		check(t, err)
		check(t, store.NewRedis(client, "efp:").Ping(t.Context()))
		return
	}
	dir := t.TempDir()
	certificate(t, dir)
	plain := ownRedis(t)
	clientOf(t, "redis://"+plain)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	free.Close()
	ownRedis(t, "tls-port "+port, "tls-cert-file "+dir+"/cert.pem", "tls-key-file "+dir+"/key.pem", "tls-ca-cert-file "+dir+"/cert.pem", "tls-auth-clients no")
	ask := func(address string, roots string) (string, error) {
		again := exec.Command(os.Args[0], "-test.run", "^TestRedisOverTLS$")
		again.Env = append(os.Environ(), askedOverTLS+"="+address, "SSL_CERT_FILE="+roots)
		output, err := again.CombinedOutput()
		return string(output), err
	}
	soon(t, "a Redis with a known certificate", func() bool { _, err := ask(address, dir+"/cert.pem"); return err == nil })
	if output, err := ask(address, os.DevNull); err == nil || !strings.Contains(output, "certificate") {
		t.Errorf("a certificate that nobody knows: %v %s", err, output)
	}
	if output, err := ask(plain, dir+"/cert.pem"); err == nil {
		t.Errorf("a Redis without TLS was spoken to: %s", output)
	}
}

// certificate makes cert.pem and key.pem for 127.0.0.1, signed by itself.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	about := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	check(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	write(t, dir+"/cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})))
	write(t, dir+"/key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func write(t *testing.T, name, content string) {
	t.Helper()
	check(t, os.WriteFile(name, []byte(content), 0o600))
}
