// Package language lists the languages that the pages speak. The settings and the pages read it; it imports nothing.
package language

// All are the languages that the site has words for. The first one is for a browser that asks for none of them.
var All = []string{"fr", "en"}
