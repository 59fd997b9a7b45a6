// Package flows is what the self-service flows that mail a code have in common, the reset of a password and the creation of an account:
//
//	flow.go     what a browser carries of a flow, sealed
//	frame.go    what a flow's handler works with; its routes, its end
//	nonce.go    a browser at step 1, before it has a flow
//	address.go  the address as it was typed, and the question about a misspelt domain
//
// Each flow embeds Flow and Frame, and adds what is its own. It imports no flow. Step 2 is package mailedcode's, step 3 newpassword's.
package flows
