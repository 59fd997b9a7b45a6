package ui_test

import (
	"testing"

	"efpconnect.example/selfservice-ui/sitetest"
)

func judgeLogs(t *testing.T, record *sitetest.Record) {}
