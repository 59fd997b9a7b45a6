// Package chart tests the Helm chart of its folder. It is a module of its own: what reads charts is no part of the site.
package chart
