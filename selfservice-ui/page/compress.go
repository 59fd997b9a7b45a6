package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"reflect"
	"strings"
)

// A page is compressed where nothing of what somebody typed or put into its address is in it. Who can have a browser ask for a page with a
// text of theirs in it, and sees how long the compressed answer is, learns what else is in the page letter by letter (BREACH).

// leastCompressed is about one network packet: less is not sent sooner.
const leastCompressed = 1400

// packers are the few that there are, each of half a megabyte: a request that finds none is answered uncompressed.
var packers = make(chan *packer, 4)

type packer struct {
	out bytes.Buffer
	zip *gzip.Writer
}

func init() {
	for range cap(packers) {
		packers <- nil // made when it is first needed
	}
}

// compressed hands the compressed page to send, or answers false.
func compressed(body []byte, send func([]byte)) bool {
	var p *packer
	select {
	case p = <-packers:
	default:
		return false
	}
	defer func() { packers <- p }()
	if p == nil {
		zip, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			return false
		}
		p = &packer{zip: zip}
	}
	p.out.Reset()
	p.zip.Reset(&p.out)
	if _, err := p.zip.Write(body); err != nil || p.zip.Close() != nil {
		return false
	}
	send(p.out.Bytes())
	return true
}

// mayCompress tells a page that is the same for everybody who asks for it, but for what we made ourselves. It says no when in doubt: a
// view with a text of its own may hold what was typed, whatever the field is called.
func (p *Page) mayCompress(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" || len(p.Problems) > 0 || p.Guard.Typed != "" {
		return false
	}
	if p.Notice != nil && len(p.Notice.Args) > 0 {
		return false
	}
	if m, ok := p.View.(*Message); ok {
		return len(m.Args) == 0
	}
	return !holdsText(reflect.ValueOf(p.View))
}

// holdsText looks for a text in a view, at any depth. Fields called …URL are addresses of ours: without a query in the request's address,
// and without a text beside them, there is nothing of a visitor in them.
func holdsText(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && holdsText(v.Elem())
	case reflect.String:
		return v.Len() > 0
	case reflect.Struct:
		for i := range v.NumField() {
			if !strings.HasSuffix(v.Type().Field(i).Name, "URL") && holdsText(v.Field(i)) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if holdsText(v.Index(i)) {
				return true
			}
		}
	case reflect.Map, reflect.Func, reflect.Chan:
		return !v.IsNil()
	}
	return false
}
