package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ticks are the parts of a second that Linux counts processor time in, for every program.
const ticks = 100

// groupTime is the processor time of a process and of the others of its group that still run.
func groupTime(b *testing.B, process int) time.Duration {
	b.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	var sum time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// proc_pid_stat(5): after the name in brackets come state, parent, group; user and system time are the 12th and 13th.
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)
		if len(fields) < 13 || fields[2] != strconv.Itoa(process) && !strings.HasPrefix(string(text), fmt.Sprintf("%d ", process)) {
			continue
		}
		for _, field := range fields[11:13] {
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += time.Duration(n) * time.Second / ticks
		}
	}
	return sum
}
