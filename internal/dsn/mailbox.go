package dsn

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Mailbox is a Maildir folder or an mbox file that mails go on arriving in. It changes nothing there. One goroutine uses it.
type Mailbox struct {
	path   string
	seen   map[string]bool // files of a Maildir, by the part of the name that stays
	size   int64           // of an mbox at the last call
	offset int64           // of the last mail in it: a server may have been writing it still
}

// Open takes the path of a Maildir or of an mbox file. An mbox that is not there yet is empty: servers make it with the first mail.
func Open(path string) (*Mailbox, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case info.IsDir() && !isMaildir(path):
		return nil, fmt.Errorf("dsn: %s has no folder new: no Maildir", path)
	}
	return &Mailbox{path: path, seen: map[string]bool{}}, nil
}

func isMaildir(path string) bool {
	info, err := os.Stat(filepath.Join(path, "new"))
	return err == nil && info.IsDir()
}

// Next gives f the mails that have arrived since the last call, all of them at the first. f must bear to be given a mail twice: the
// last one of an mbox comes again with the one after it. An error of f ends it, and the mail is given again at the next call.
func (m *Mailbox) Next(f func(io.Reader) error) error {
	info, err := os.Stat(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		m.size, m.offset = 0, 0
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.Join(m.folder("new", f), m.folder("cur", f))
	}
	return m.file(info.Size(), f)
}

func (m *Mailbox) folder(name string, f func(io.Reader) error) error {
	entries, err := os.ReadDir(filepath.Join(m.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		stays, _, _ := strings.Cut(entry.Name(), ":") // a mail program that has shown the mail moves it to cur and adds flags
		if m.seen[stays] || !entry.Type().IsRegular() || strings.HasPrefix(stays, ".") {
			continue
		}
		if err := readFile(filepath.Join(m.path, name, entry.Name()), f); errors.Is(err, fs.ErrNotExist) {
			continue // moved meanwhile: the other folder has it, now or at the next call
		} else if err != nil {
			return err
		}
		m.seen[stays] = true
	}
	return nil
}

func readFile(path string, f func(io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(file)
}

// file reads an mbox on from where the last call ended. A file that has become shorter is another one.
func (m *Mailbox) file(size int64, f func(io.Reader) error) error {
	if size == m.size {
		return nil
	}
	if size < m.size {
		m.offset = 0
	}
	file, err := os.Open(m.path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(m.offset, io.SeekStart); err != nil {
		return err
	}
	s := &splitter{give: f}
	err = s.all(io.LimitReader(file, size-m.offset))
	m.offset += s.last
	if err == nil {
		m.size = size
	}
	return err
}

// Split gives f each mail of a stream: those of an mbox, or else the stream as one mail, as a mail server writes it into a pipe.
func Split(r io.Reader, f func(io.Reader) error) error {
	return (&splitter{give: f}).all(r)
}

const fromLine = "From "

// splitter collects one mail at a time. What is beyond MaxBytes of a mail is left out.
type splitter struct {
	give   func(io.Reader) error
	mbox   bool
	within bool // in a line that was cut
	blank  bool // the line before was empty
	begun  bool
	mail   bytes.Buffer
	at     int64 // in the stream
	last   int64 // where the last mail begins
}

func (s *splitter) all(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	first, err := lines.Peek(len(fromLine))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s.mbox = string(first) == fromLine
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			if err := s.line(line); err != nil {
				return err
			}
		}
		// A line as long as no mail's comes in pieces.
		s.within = errors.Is(err, bufio.ErrBufferFull)
		switch {
		case errors.Is(err, io.EOF):
			return s.end()
		case err != nil && !s.within:
			return err
		}
	}
}

func (s *splitter) line(line []byte) error {
	if s.mbox && !s.within && bytes.HasPrefix(line, []byte(fromLine)) && (!s.begun || s.blank) {
		if err := s.end(); err != nil {
			return err
		}
		s.begun, s.blank, s.last = true, false, s.at
		s.at += int64(len(line))
		return nil
	}
	s.begun = true
	s.at += int64(len(line))
	s.blank = !s.within && len(bytes.TrimRight(line, "\r\n")) == 0
	if s.mbox && !s.within && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte(fromLine)) {
		line = line[1:] // as mbox writes a line of a mail that begins like its own
	}
	if s.mail.Len() < MaxBytes {
		s.mail.Write(line)
	}
	return nil
}

func (s *splitter) end() error {
	if !s.begun {
		return nil
	}
	err := s.give(bytes.NewReader(s.mail.Bytes()))
	s.mail.Reset()
	s.begun = false
	return err
}
