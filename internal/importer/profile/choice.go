package profile

// choice reads a column that says one of two things.
type choice struct {
	index int
	words map[string]bool
}

// newChoice returns nil for no column.
func newChoice(index int, yes, no []string) *choice {
	if index < 0 {
		return nil
	}
	c := &choice{index: index, words: map[string]bool{}}
	for _, w := range no {
		c.words[fold(w)] = false
	}
	for _, w := range yes {
		c.words[fold(w)] = true
	}
	return c
}

// choose reads c, or returns otherwise when the profile has no such column.
func (m *Mapper) choose(c *choice, fields []string, otherwise bool, code string) (bool, *Rejection) {
	if c == nil {
		return otherwise, nil
	}
	value, known := c.words[fold(fields[c.index])]
	if !known {
		return false, &Rejection{code, m.columns[c.index]}
	}
	return value, nil
}
