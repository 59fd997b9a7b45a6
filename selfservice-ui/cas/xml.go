package cas

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// escaped is text inside an XML element. Characters that XML 1.0 does not have are dropped.
func escaped(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder does not fail
	return b.String()
}

// Bounds of the XML that a service sends.
const (
	maxXML   = 16 << 10
	maxDepth = 20
)

var errXML = errors.New("cas: not the SOAP envelope of one SAML request")

// samlRequest is what is read of the envelope.
type samlRequest struct{ ID, Artifact string }

// readSAML reads exactly one AssertionArtifact out of a SOAP envelope. A DOCTYPE, another encoding than UTF-8, more than 16 kB or a
// depth of 20 is refused before anything is made of it.
func readSAML(r *http.Request) (samlRequest, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxXML+1))
	if err != nil || len(body) > maxXML || !utf8.Valid(body) {
		return samlRequest{}, errXML
	}
	decoder := xml.NewDecoder(strings.NewReader(string(body)))
	decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errXML } // called for all but UTF-8
	var out samlRequest
	var path []string
	artifacts := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return samlRequest{}, errXML
		}
		switch token := token.(type) {
		case xml.Directive:
			return samlRequest{}, errXML
		case xml.StartElement:
			if path = append(path, token.Name.Local); len(path) > maxDepth {
				return samlRequest{}, errXML
			}
			if token.Name.Local == "Request" {
				out.ID = requestID(token)
			}
			if token.Name.Local == "AssertionArtifact" {
				artifacts++
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 0 && path[len(path)-1] == "AssertionArtifact" {
				out.Artifact += string(token)
			}
		}
	}
	out.Artifact = strings.TrimSpace(out.Artifact)
	if artifacts != 1 || out.Artifact == "" {
		return samlRequest{}, errXML
	}
	return out, nil
}

func requestID(request xml.StartElement) string {
	for _, a := range request.Attr {
		if a.Name.Local == "RequestID" {
			return a.Value
		}
	}
	return ""
}
