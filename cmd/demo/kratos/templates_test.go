package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The list that package mail is held to is that of the Kratos which is built here.
func TestTemplateListIsThatOfThisKratos(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ory/kratos").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "courier/template/courier/builtin/templates")
	var have []string
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(root, path)
			have = append(have, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.Open("../../../courier-templates/testdata/kratos-templates.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var listed []string
	for lines := bufio.NewScanner(list); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "v1.3.1 "); ok {
			listed = append(listed, name)
		}
	}
	slices.Sort(have)
	slices.Sort(listed)
	if !slices.Equal(have, listed) {
		t.Errorf("Kratos has\n%s\nthe list has\n%s", strings.Join(have, "\n"), strings.Join(listed, "\n"))
	}
}
