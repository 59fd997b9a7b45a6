package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// errSpan ends a record that is larger than any row: a quote was left open.
var errSpan = errors.New("a record over too many lines")

// line is a physical line of a file, with its end.
type line struct {
	number int64
	text   []byte
}

// raw is the line without its end.
func (l line) raw() string { return string(bytes.TrimRight(l.text, "\r\n")) }

// lines hands a csv.Reader one physical line at a time, and remembers those of the record under way: when its quotes turn out to be
// wrong, all but the first are handed out again, since they may be other people's rows.
type lines struct {
	text   *bufio.Reader
	buffer []line
	first  int    // in buffer, of the record under way
	at     int    // in buffer, of the next line to hand out
	rest   []byte // of a line that was handed out in part
	size   int    // bytes of the record under way
	number int64  // lines read so far
	ended  bool   // the record under way asked for more than there is

	trusted bool // a copy that we wrote: its records may have any size
}

// begin forgets the last record.
func (l *lines) begin() {
	if l.at == len(l.buffer) || l.at > 4096 {
		l.buffer = l.buffer[:copy(l.buffer, l.buffer[l.at:])]
		l.at = 0
	}
	l.first, l.size, l.ended, l.rest = l.at, 0, false, nil
}

// taken are the lines of the record under way.
func (l *lines) taken() []line { return l.buffer[l.first:l.at] }

// again hands out once more all lines of the record under way but the first.
func (l *lines) again() { l.at = l.first + 1 }

// Read gives one line, or a part of a long one: a csv.Reader then never holds more than it has looked at.
func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if err := l.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// line hands out the next physical line as a whole, without its end.
func (l *lines) line() (string, error) {
	if err := l.next(); err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(l.rest), "\n"), "\r")
	l.rest = nil
	return text, nil
}

func (l *lines) next() error {
	if !l.trusted && (l.size > MaxRecordBytes || l.at-l.first >= MaxRecordLines) {
		return errSpan
	}
	for {
		if l.at == len(l.buffer) {
			text, err := l.read()
			if err != nil {
				l.ended = err == io.EOF && l.at > l.first
				return err
			}
			l.number++
			l.buffer = append(l.buffer, line{l.number, text})
		}
		l.rest = l.buffer[l.at].text
		l.at++
		if l.at-l.first > 1 || len(bytes.TrimRight(l.rest, "\r\n")) > 0 {
			l.size += len(l.rest)
			return nil
		}
		if l.at == len(l.buffer) { // a blank line between two records: there may be millions
			l.buffer, l.at = l.buffer[:0], 0
		}
		l.first = l.at
	}
}

// read gives the next line of the file; the last one gets an end when it has none.
func (l *lines) read() (whole []byte, err error) {
	for {
		part, err := l.text.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case len(whole) > MaxRecordBytes && !l.trusted:
			return nil, unreadable(l.number+1, "plus de %d octets", MaxRecordBytes)
		case err == bufio.ErrBufferFull:
		case err == io.EOF && len(whole) > 0:
			return append(whole, '\n'), nil
		default:
			return whole, err
		}
	}
}

// onlyCR reads a file whose lines end with a carriage return alone, as old spreadsheets save them.
type onlyCR struct{ r io.Reader }

func (o onlyCR) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// buffered makes a buffer that ends lines with a line feed.
func buffered(text io.Reader) *bufio.Reader {
	b := bufio.NewReaderSize(text, 64<<10)
	if start, _ := b.Peek(64 << 10); bytes.IndexByte(start, '\r') >= 0 && bytes.IndexByte(start, '\n') < 0 {
		return bufio.NewReaderSize(onlyCR{b}, 64<<10)
	}
	return b
}
