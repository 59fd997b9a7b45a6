//go:build bench

package image

import (
	"crypto/rand"
	"os/exec"
	"strings"
	"testing"

	"efpconnect.example/internal/testkit/kratostest"
)

// The reader that costs an attacker nothing, told that there is one line of our
// alphabet's signs.
func TestAttackTesseract(t *testing.T) {
	program, err := exec.LookPath("tesseract")
	if err != nil {
		kratostest.Missing(t, "tesseract: apt-get install tesseract-ocr")
	}
	g := newGenerator(t)
	told := new(score)
	for range freshPictures {
		var seed Seed
		rand.Read(seed[:])
		answer := Answer()
		picture, err := g.PNG(answer, seed)
		if err != nil {
			t.Fatal(err)
		}
		reader := exec.Command(program, "stdin", "stdout", "--psm", "7", "-c", "tessedit_char_whitelist="+Alphabet)
		reader.Stdin = strings.NewReader(string(picture))
		reader.Env = append(reader.Environ(), "OMP_THREAD_LIMIT=1")
		text, err := reader.Output()
		if err != nil {
			t.Fatal(err)
		}
		told.add(answer, strings.Join(strings.Fields(string(text)), ""))
	}
	told.report(t, "tesseract")
}
