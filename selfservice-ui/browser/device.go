package browser

import (
	"regexp"
	"strings"
)

// Device says from which kind of browser and system a request comes, "Firefox sur Windows", as the mail of a code tells its reader; ""
// for what is not known. The words are this file's alone: nothing that a visitor sends is repeated.
func Device(userAgent string) string {
	name, system := known(userAgent, browsers), known(userAgent, systems)
	if name == "" || system == "" {
		return ""
	}
	return name + " sur " + system
}

type mark struct{ sign, name string }

// The first sign counts: Edge and Opera say Chrome too, and Chrome says Safari; an iPad says Mac, and Android says Linux.
var (
	browsers = []mark{
		{`\b(Edg|EdgA|EdgiOS)/`, "Edge"},
		{`\bOPR/`, "Opera"},
		{`\bSamsungBrowser/`, "Samsung"},
		{`\b(Firefox|FxiOS)/`, "Firefox"},
		{`\b(Chrome|CriOS|HeadlessChrome)/`, "Chrome"},
		{`\bVersion/[0-9.]+ (Mobile/\w+ )?Safari/`, "Safari"},
	}
	systems = []mark{
		{`\biPhone\b`, "iPhone"},
		{`\biPad\b`, "iPad"},
		{`\bAndroid\b`, "Android"},
		{`\bWindows NT\b`, "Windows"},
		{`\bMacintosh\b`, "macOS"},
		{`\bCrOS\b`, "ChromeOS"},
		{`\bLinux\b`, "Linux"},
	}
)

var signs = compiled(browsers, systems)

func compiled(lists ...[]mark) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for _, list := range lists {
		for _, m := range list {
			all[m.sign] = regexp.MustCompile(m.sign)
		}
	}
	return all
}

// longestAgent is more than any browser sends.
const longestAgent = 512

func known(userAgent string, list []mark) string {
	if len(userAgent) > longestAgent || strings.ContainsAny(userAgent, "\r\n") {
		return ""
	}
	for _, m := range list {
		if signs[m.sign].MatchString(userAgent) {
			return m.name
		}
	}
	return ""
}
