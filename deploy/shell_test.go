package deploy

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// block is a fenced block of a page, with its first word ("sh").
type block struct{ kind, text string }

var fence = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")

func blocks(t *testing.T, page string) (all []block) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fence.FindAllStringSubmatch(string(content), -1) {
		all = append(all, block{found[1], found[2]})
	}
	return all
}

// commands are a block's lines, those that end with a backslash joined to the next.
func (b block) commands() (all []string) {
	joined := strings.ReplaceAll(b.text, "\\\n", " ")
	for line := range strings.SplitSeq(joined, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// shell is a bash in a folder of its own. What it starts in the background ends with the test.
type shell struct {
	dir, output string
	in          *os.File
	results     *bufio.Reader
	cmd         *exec.Cmd
}

func startShell(t *testing.T, dir string, env []string) *shell {
	t.Helper()
	s := &shell{dir: dir, output: filepath.Join(t.TempDir(), "output")}
	output, err := os.Create(s.output)
	if err != nil {
		t.Fatal(err)
	}
	results, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, commands, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.in, s.results = commands, bufio.NewReader(results)
	s.cmd = exec.Command("bash", "--noprofile", "--norc")
	s.cmd.Dir, s.cmd.Env, s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = dir, env, in, output, output
	s.cmd.ExtraFiles = []*os.File{out}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	out.Close()
	ended := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		// All of the shell's group: what it has in the background is in it.
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM)
		commands.Close()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
		}
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		output.Close()
		results.Close()
		if t.Failed() {
			said := s.said(t)
			t.Logf("the end of what was said:\n%s", said[max(0, len(said)-6000):])
		}
	})
	return s
}

// run types one command and returns what it said; a command that fails ends the test.
func (s *shell) run(t *testing.T, command string) (said string) {
	t.Helper()
	before := len(s.said(t))
	// The result goes by a way of its own: processes in the background write to the output.
	if _, err := fmt.Fprintf(s.in, "%s\necho $? >&3\n", command); err != nil {
		t.Fatal(err)
	}
	status := make(chan string, 1)
	go func() {
		line, _ := s.results.ReadString('\n')
		status <- strings.TrimSpace(line)
	}()
	select {
	case got := <-status:
		if said = s.said(t)[before:]; got != "0" {
			t.Fatalf("%s\nended with %q:\n%s", command, got, said)
		}
	case <-time.After(2 * time.Minute):
		t.Fatalf("%s\ndoes not end:\n%s", command, s.said(t)[before:])
	}
	return said
}

func (s *shell) said(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(s.output)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// edit does to a file of the folder what an administrator does in an editor.
func (s *shell) edit(t *testing.T, name string, change func(string) string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(content))
	if changed == string(content) {
		t.Errorf("%s: nothing to edit", name)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}
