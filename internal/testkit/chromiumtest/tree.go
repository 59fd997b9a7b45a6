package chromiumtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Tree is what the browser tells a screen reader, one line for each node, children moved in:
//
//	RootWebArea "Mot de passe oublié"
//	  main
//	    textbox "Adresse électronique" description="Format attendu : nom@domaine.fr" required invalid=true
//
// Nodes without a meaning of their own (generic, ignored) are left out.
func (b *Browser) Tree() string {
	b.t.Helper()
	nodes := b.nodes()
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, node := range nodes {
		byID[node.NodeID] = node
	}
	var out strings.Builder
	var walk func(node *accessibility.Node, depth int)
	walk = func(node *accessibility.Node, depth int) {
		if telling(node) {
			fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", depth), describe(node))
			depth++
		}
		for _, id := range node.ChildIDs {
			if child := byID[id]; child != nil {
				walk(child, depth)
			}
		}
	}
	if len(nodes) > 0 {
		walk(nodes[0], 0)
	}
	return out.String()
}

// Focused is the line of Tree that has the keyboard's focus; the page itself when nothing has it.
func (b *Browser) Focused() string {
	b.t.Helper()
	line := ""
	for _, node := range b.nodes() {
		if slices.ContainsFunc(node.Properties, func(p *accessibility.Property) bool {
			return p.Name == accessibility.PropertyNameFocused && plain(p.Value) == "true"
		}) {
			line = describe(node) // the innermost comes last: the page counts as focused with it
		}
	}
	return line
}

func (b *Browser) nodes() (nodes []*accessibility.Node) {
	b.t.Helper()
	b.do("accessibility tree", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		result, err := cdp.Call(ctx, tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		nodes = result.Nodes
		return err
	}))
	return nodes
}

func telling(node *accessibility.Node) bool {
	role := plain(node.Role)
	return !node.Ignored && !slices.Contains([]string{"", "none", "generic", "InlineTextBox", "LineBreak"}, role)
}

func describe(node *accessibility.Node) string {
	line := plain(node.Role)
	if name := plain(node.Name); name != "" {
		line += fmt.Sprintf(" %q", name)
	}
	if text := plain(node.Description); text != "" {
		line += fmt.Sprintf(" description=%q", text)
	}
	if value := plain(node.Value); value != "" {
		line += fmt.Sprintf(" value=%q", value)
	}
	for _, p := range node.Properties {
		switch value := plain(p.Value); p.Name {
		case accessibility.PropertyNameRequired, accessibility.PropertyNameDisabled, accessibility.PropertyNameReadonly:
			if value == "true" {
				line += " " + string(p.Name)
			}
		case accessibility.PropertyNameInvalid, accessibility.PropertyNameChecked, accessibility.PropertyNameExpanded,
			accessibility.PropertyNameLevel, accessibility.PropertyNameLive:
			if value != "" && value != "false" || p.Name == accessibility.PropertyNameChecked {
				line += fmt.Sprintf(" %s=%s", p.Name, value)
			}
		}
	}
	return line
}

// plain is a value as text; the protocol wraps each in its JSON.
func plain(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var decoded any
	if err := json.Unmarshal(value.Value, &decoded); err != nil || decoded == nil {
		return ""
	}
	return fmt.Sprint(decoded)
}
