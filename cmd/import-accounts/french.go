package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

// The operator reads French also where a library speaks. Each line below is a mistake that operators make with files and options, and
// pflag and the system have no French of their own: fewer lines would be English ones.

// flagError says what is wrong with an option.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var lacks *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fmt.Errorf("option inconnue : -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return fmt.Errorf("option inconnue : --%s", unknown.GetSpecifiedName())
	case errors.As(err, &lacks):
		return fmt.Errorf("il manque la valeur de l’option --%s", lacks.GetSpecifiedName())
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s : %q n’est pas une valeur de cette option", invalid.GetFlag().Name, invalid.GetValue())
	}
	return err
}

// fileFaults are what the system says of files.
var fileFaults = []struct {
	is    error
	words string
}{
	{fs.ErrNotExist, "ce fichier n’existe pas"},
	{fs.ErrExist, "ce fichier existe déjà"},
	{fs.ErrPermission, "vous n’avez pas le droit de l’ouvrir"},
	{syscall.EISDIR, "c’est un dossier"},
	{syscall.ENOTDIR, "un dossier de ce chemin n’en est pas un"},
	{syscall.ENOSPC, "plus de place sur le disque"},
	{syscall.EROFS, "le disque est en lecture seule"},
}

// words are the text of an error, with the system's part in French.
func words(err error) string {
	text := err.Error()
	var file *fs.PathError
	if !errors.As(err, &file) {
		return text
	}
	for _, fault := range fileFaults {
		if errors.Is(file.Err, fault.is) {
			return strings.Replace(text, file.Error(), file.Path+" : "+fault.words, 1)
		}
	}
	return text
}
