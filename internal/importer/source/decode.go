package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// Encodings are the names that a profile may give. A byte order mark in the file wins over the name.
var Encodings = []string{"utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "cp850", "macroman"}

// charmaps are the encodings of one byte a character.
var charmaps = map[string]*charmap.Charmap{
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-15":  charmap.ISO8859_15,
	"windows-1252": charmap.Windows1252,
	"cp850":        charmap.CodePage850,
	"macroman":     charmap.Macintosh,
}

// Decode gives the text of a file in UTF-8: gunzipped when it is gzip, without its byte order mark. Bytes that the encoding does not
// know become an error that says where.
func Decode(r io.Reader, name string) (io.Reader, error) {
	text, err := decode(r, name)
	if err != nil {
		return nil, err
	}
	return &notBlank{r: text}, nil
}

// maxBlank is the longest stretch of blanks in a file: a line for each row of the largest spreadsheet, four times.
const maxBlank = 4 << 20

// notBlank ends a file that goes on with nothing but blanks: a few kilobytes of gzip hold hours of them.
type notBlank struct {
	r   io.Reader
	run int // blanks in a row so far
}

func (b *notBlank) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	text := len(bytes.TrimRight(p[:n], " \t\r\n"))
	if text > 0 {
		b.run = 0
	}
	if b.run += n - text; b.run > maxBlank {
		return 0, fmt.Errorf("%w : plus de %d Mo de blancs à la suite : ce n’est pas un export, ou sa fin est abîmée", ErrUnreadable, maxBlank>>20)
	}
	return n, err
}

func decode(r io.Reader, name string) (io.Reader, error) {
	if !slices.Contains(Encodings, name) {
		return nil, fmt.Errorf("encodage inconnu %q : %v", name, Encodings)
	}
	buffered := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%w : gzip abîmé", ErrUnreadable)
		}
		buffered = bufio.NewReaderSize(&gunzip{r: unzipped}, 64<<10)
	}
	if err := otherFile(buffered); err != nil {
		return nil, err
	}
	mark, _ := buffered.Peek(4096)
	if name, wide := wideText(mark); wide != nil {
		return &strictUTF8{r: transform.NewReader(buffered, wide.NewDecoder()), line: 1, lossy: name}, nil
	}
	if err := notText(buffered); err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		buffered.Discard(3)
		return &strictUTF8{r: buffered, line: 1}, nil
	case name == "utf-8":
		return &strictUTF8{r: buffered, line: 1}, nil
	}
	single := &singleByte{r: buffered, name: name, line: 1}
	text := transform.NewReader(single, charmaps[name].NewDecoder())
	if name != "windows-1252" { // the others know every byte
		return text, nil
	}
	return &strictUTF8{r: text, line: 1, lossy: name}, nil
}

// gunzip turns the faults of a truncated archive into an ErrUnreadable: they would read like an end of file otherwise.
type gunzip struct{ r io.Reader }

func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w : gzip tronqué ou abîmé", ErrUnreadable)
	}
	return n, err
}

// singleByte passes on a file said to be in an encoding of one byte a character. Such an encoding takes any file, UTF-8 too, and
// makes "ZoÃ©" of "Zoé" without a word. A file whose letters beyond ASCII are mostly proofs of UTF-8 is UTF-8, and some byte of it is
// astray: the end of the file says so.
type singleByte struct {
	r     io.Reader
	name  string
	cut   []byte // the beginning of a character, cut by the end of a read
	line  int64
	utf8  tally // characters that are proofs of UTF-8
	other tally // bytes beyond ASCII that are not UTF-8
}

// tally counts, and knows the line of the first.
type tally struct{ count, line int64 }

func (t *tally) add(line int64) {
	if t.count++; t.count == 1 {
		t.line = line
	}
}

func (s *singleByte) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.look(p[:n])
	switch {
	case err != io.EOF || s.utf8.count <= s.other.count:
	case s.other.count > 0:
		err = unreadable(s.other.line, "un octet isolé n’est pas en UTF-8, mais le reste du fichier l’est, et n’est pas en %s : corrigez cette ligne (%d octets de cette sorte en tout) et annoncez encoding: utf-8",
			s.name, s.other.count)
	default:
		err = unreadable(s.utf8.line, "le fichier est en UTF-8, pas en %s (encoding: utf-8)", s.name)
	}
	return n, err
}

// look checks a part of the file.
func (s *singleByte) look(part []byte) {
	text := append(s.cut, part...)
	s.cut = nil
	for len(text) > 0 {
		ascii := bytes.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
		if ascii < 0 {
			ascii = len(text)
		}
		s.line += int64(bytes.Count(text[:ascii], []byte{'\n'}))
		if text = text[ascii:]; len(text) == 0 {
			return
		}
		if !utf8.FullRune(text) {
			s.cut = append(s.cut, text...)
			return
		}
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			s.other.add(s.line)
		case provesUTF8(text):
			s.utf8.add(s.line)
		}
		text = text[size:]
	}
}

// provesUTF8 tells whether the bytes of a whole character of UTF-8 are nothing that people write in Windows-1252. French in UTF-8 has no
// others: C2 for « » and the no-break space, C3 for é à ç, C5 for œ, E2 80 and E2 82 for ’ … €; in Windows-1252 they would be Â, Ã, Å or â
// before a sign. But a capital or an accented letter before a sign is French in Windows-1252 and may be a character of UTF-8 by accident:
// É» is C9 BB, and à, a no-break space and » are E0 A0 BB.
func provesUTF8(character []byte) bool {
	switch character[0] {
	case 0xc2, 0xc3, 0xc5:
		return true
	case 0xe2:
		return character[1] == 0x80 || character[1] == 0x82
	}
	return false
}

// strictUTF8 passes text through and stops at the first byte that is not UTF-8, with its line.
type strictUTF8 struct {
	r     io.Reader
	line  int64
	lossy string // the bytes come from the decoder of this encoding, which writes U+FFFD for what it does not know
	buf   [32 << 10]byte
	out   []byte // checked, not yet passed on
	tail  int    // bytes at the start of buf: the beginning of a character cut by the end of a read
	err   error  // what ended the reading
}

func (s *strictUTF8) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	if len(s.out) == 0 && s.tail > 0 {
		copy(s.buf[:], s.buf[len(s.buf)-s.tail:])
	}
	return n, nil
}

// fill reads and checks the next part. A character cut at its end waits at the end of buf until out is passed on.
func (s *strictUTF8) fill() {
	n, err := s.r.Read(s.buf[s.tail : len(s.buf)-utf8.UTFMax])
	n += s.tail
	whole, bad := s.check(s.buf[:n])
	switch {
	case (bad || (err == io.EOF && whole < n)) && s.lossy != "":
		s.err = unreadable(s.line, "octet que %s ne connaît pas ; le fichier est peut-être dans un autre encodage", s.lossy)
	case bad || (err == io.EOF && whole < n):
		s.err = unreadable(s.line, "octet qui n’est pas dans l’encodage annoncé ; un export français est souvent en windows-1252 (encoding: windows-1252)")
	default:
		s.err = err
		s.tail = copy(s.buf[len(s.buf)-(n-whole):], s.buf[whole:n])
		s.out = s.buf[:whole]
		if whole == 0 {
			copy(s.buf[:], s.buf[len(s.buf)-s.tail:])
		}
	}
}

// check counts lines and returns how many bytes are whole characters, and whether one of them is bad.
func (s *strictUTF8) check(p []byte) (whole int, bad bool) {
	whole = len(p)
	// A character cut at the end is not a fault yet.
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if utf8.RuneStart(p[len(p)-back]) {
			if !utf8.FullRune(p[len(p)-back:]) {
				whole = len(p) - back
			}
			break
		}
	}
	if utf8.Valid(p[:whole]) && (s.lossy == "" || !bytes.Contains(p[:whole], []byte("\uFFFD"))) {
		s.line += int64(bytes.Count(p[:whole], []byte{'\n'}))
		return whole, false
	}
	for i := 0; i < whole; {
		r, size := utf8.DecodeRune(p[i:whole])
		if r == utf8.RuneError && (size == 1 || s.lossy != "") {
			break
		}
		if r == '\n' {
			s.line++
		}
		i += size
	}
	return whole, true
}
