package page

import (
	"bytes"
	"fmt"
	"html/template"
	"text/template/parse"
)

// What is the same on every page of a language is written into the templates once, at start: a request then pays for what is
// its own. No page is kept, and nothing of a person is in it.

// constantParts are the parts of the layout that show nothing of a page: the site's settings, its assets and words alone.
var constantParts = []string{"assets", "skiplinks", "header", "footer", "good-to-know"}

// prerender replaces the constant parts of a layout by their text. The layout must not have been executed.
func (r *Renderer) prerender(language string, layout *template.Template) error {
	trial, err := layout.Clone()
	if err != nil {
		return err
	}
	for _, name := range constantParts {
		var text bytes.Buffer
		if err := trial.ExecuteTemplate(&text, name, Page{Site: &r.Site, Lang: language, Assets: r.Assets}); err != nil {
			return fmt.Errorf("page: the layout's %s: %w", name, err)
		}
		layout.Lookup(name).Tree.Root.Nodes = []parse.Node{literal(text.String())}
	}
	return nil
}

// inline replaces each {{t "key"}} of the templates by its sentence. It is escaped for text and for quoted attributes, the only
// places where a template may have words.
func (w Words) inline(set *template.Template) {
	for _, one := range set.Templates() {
		if one.Tree != nil {
			w.spellIn(one.Tree.Root)
		}
	}
}

func (w Words) spellIn(list *parse.ListNode) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			if key, ok := keyAlone(node.Pipe); ok {
				list.Nodes[i] = literal(template.HTMLEscapeString(w.Text(key)))
			}
		case *parse.IfNode:
			w.spellIn(node.List)
			w.spellIn(node.ElseList)
		case *parse.WithNode:
			w.spellIn(node.List)
			w.spellIn(node.ElseList)
		case *parse.RangeNode:
			w.spellIn(node.List)
			w.spellIn(node.ElseList)
		}
	}
}

// keyAlone is the key of `t "key"`; nothing that a request could change is in such a pipeline.
func keyAlone(pipe *parse.PipeNode) (key string, ok bool) {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	name, isName := pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	text, isText := pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !isName || !isText || name.Ident != "t" {
		return "", false
	}
	return text.Text, true
}

func literal(text string) *parse.TextNode {
	return &parse.TextNode{NodeType: parse.NodeText, Text: []byte(text)}
}
