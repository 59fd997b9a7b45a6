package report

import (
	"time"

	"efpconnect.example/internal/frtime"
)

// Date is a moment as people in Paris write it, wherever the program runs.
func Date(t time.Time) string { return frtime.Time(t).Format("02/01/2006 15:04") }
