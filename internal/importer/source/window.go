package source

import (
	"errors"
	"io"
)

// errTooLong is a value that is larger than any row.
var errTooLong = errors.New("a value over too many bytes")

// window stands between a file and a decoder that reads ahead: it knows the line of each offset that is not passed yet, and bounds what
// the decoder may hold.
type window struct {
	r    io.Reader
	read int64   // bytes handed out
	most int64   // of read, until the next call of pass
	ends []int64 // offsets of the line ends handed out and not passed
	line int64   // of the offset passed
}

func newWindow(r io.Reader) *window {
	w := &window{r: r, line: 1}
	w.pass(0)
	return w
}

func (w *window) Read(p []byte) (int, error) {
	if w.read >= w.most {
		return 0, errTooLong
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.most-w.read)])
	for i, b := range p[:n] {
		if b == '\n' {
			w.ends = append(w.ends, w.read+int64(i))
		}
	}
	w.read += int64(n)
	return n, err
}

// pass says that the decoder is past an offset, and returns the line of it.
func (w *window) pass(offset int64) int64 {
	passed := 0
	for passed < len(w.ends) && w.ends[passed] < offset {
		passed++
	}
	w.line += int64(passed)
	w.ends = w.ends[:copy(w.ends, w.ends[passed:])]
	w.most = max(offset, w.read) + 2*MaxRecordBytes
	return w.line
}
