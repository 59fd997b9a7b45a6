// Package cas signs people in to services by the CAS protocol (Apereo, CAS Protocol 3.0.3) and its SAML 1.1 validation, in front of
// Kratos, which has neither. A service that spoke to the former portal moves by changing a host name, or nothing.
//
//	PREFIX/login              login.go     a browser that comes from a service gets a ticket, after the login page where it must
//	PREFIX/logout             logout.go    ends the session here and at the services that it has entered
//	PREFIX/validate           validate.go  CAS 1.0
//	PREFIX/serviceValidate    validate.go  CAS 2.0; /proxyValidate too
//	PREFIX/p3/…               validate.go  CAS 3.0, with attributes
//	PREFIX/samlValidate       saml.go      SAML 1.1
//	PREFIX/proxy              validate.go  always refused: no proxy ticket is made
//
// PREFIX is one or several of the settings. A ticket (ticket.go) lives ten seconds and is spent by the first validation, right or
// wrong. Who may have one, and what it releases, is internal/services' affair.
//
// Only the server mounts this package. The login and the reset tell it, by SignedOut, that a session has ended.
package cas
