package cas

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"efpconnect.example/internal/services"
)

// samlTime is how SAML writes an instant.
const samlTime = "2006-01-02T15:04:05.000Z"

// assertionLife is how long a SAML answer may be used.
const assertionLife = time.Minute

// saml is SAML 1.1, at /samlValidate: the ticket is the artifact in the body, the service is TARGET in the address.
func (h *Handler) saml(prefix string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		target, once := single(r, "TARGET")
		request, err := readSAML(r)
		if err != nil || !once {
			h.writeSAML(w, samlRequest{}, target, grant{}, failure{invalidRequest, "one SAML 1.1 request and one TARGET are required"})
			return
		}
		a := asked{service: target, ticket: request.Artifact, prefix: prefix, protocol: services.SAML, renew: flag(r, "renew")}
		g, f := h.validate(r.Context(), a)
		h.writeSAML(w, request, target, g, f)
	}
}

func (h *Handler) writeSAML(w http.ResponseWriter, request samlRequest, target string, g grant, f failure) {
	now := h.Now().UTC()
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>`)
	fmt.Fprintf(&b, `<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" `+
		`xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" InResponseTo="%s" IssueInstant="%s" MajorVersion="1" MinorVersion="1" Recipient="%s" ResponseID="%s">`,
		escaped(request.ID), now.Format(samlTime), escaped(target), samlID())
	if f.code != "" {
		code := "samlp:RequestDenied"
		if f.code == internalError {
			code = "samlp:Responder"
		}
		fmt.Fprintf(&b, `<Status><StatusCode Value="%s"></StatusCode><StatusMessage>%s</StatusMessage></Status>`, code, escaped(f.code+": "+f.text))
	} else {
		b.WriteString(`<Status><StatusCode Value="samlp:Success"></StatusCode></Status>`)
		h.writeAssertion(&b, now, target, g)
	}
	b.WriteString(`</Response></SOAP-ENV:Body></SOAP-ENV:Envelope>`)
	write(w, "text/xml; charset=utf-8", []byte(b.String()))
}

func (h *Handler) writeAssertion(b *strings.Builder, now time.Time, target string, g grant) {
	subject := `<Subject><NameIdentifier>` + escaped(g.Released.User) + `</NameIdentifier><SubjectConfirmation>` +
		`<ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</ConfirmationMethod></SubjectConfirmation></Subject>`
	fmt.Fprintf(b, `<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="%s" IssueInstant="%s" Issuer="%s" MajorVersion="1" MinorVersion="1">`,
		samlID(), now.Format(samlTime), escaped(h.Issuer))
	fmt.Fprintf(b, `<Conditions NotBefore="%s" NotOnOrAfter="%s"><AudienceRestrictionCondition><Audience>%s</Audience></AudienceRestrictionCondition></Conditions>`,
		now.Format(samlTime), now.Add(assertionLife).Format(samlTime), escaped(target))
	if list := released(g); len(list) > 0 {
		b.WriteString(`<AttributeStatement>` + subject)
		for _, one := range list {
			fmt.Fprintf(b, `<Attribute AttributeName="%s" AttributeNamespace="http://www.ja-sig.org/products/cas/"><AttributeValue>%s</AttributeValue></Attribute>`,
				escaped(one.name), escaped(one.value))
		}
		b.WriteString(`</AttributeStatement>`)
	}
	fmt.Fprintf(b, `<AuthenticationStatement AuthenticationInstant="%s" AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password">%s</AuthenticationStatement></Assertion>`,
		g.LoggedIn.UTC().Format(samlTime), subject)
}

// samlID is an XML name that nobody guesses.
func samlID() string { return "_" + strings.ToLower(rand.Text()) }
