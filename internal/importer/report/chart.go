package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"efpconnect.example/internal/importer/journal"
)

const (
	chartWidth, chartHeight = 720, 220
	chartBars               = 60  // a bar is the mean of what falls into it
	chartPause              = 300 // seconds without a result after which the import was not at work: Kratos answers or is cut sooner
)

// Chart is the rows a second over the run, its figures in words around bars.
func (p Page) Chart() template.HTML {
	rates := p.speeds()
	if len(rates) == 0 {
		return ""
	}
	most := 1.0
	for _, r := range rates {
		most = max(most, r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<p class="axis"><span>%s lignes par seconde au plus</span></p>`, Number(int(most)))
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">`, chartWidth, chartHeight)
	width := float64(chartWidth) / float64(len(rates))
	for i, r := range rates {
		height := r / most * chartHeight
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, float64(i)*width, chartHeight-height, max(1, width-1), height)
	}
	lasted := Duration(time.Duration(lastSecond(p.worked())) * time.Second)
	fmt.Fprintf(&b, `</svg><p class="axis"><span>début</span><span>%s</span></p>`, lasted)
	return template.HTML(b.String()) // numbers alone
}

// speeds are the rows a second, in at most chartBars steps of equal length.
func (p Page) speeds() []float64 {
	rates := p.worked()
	if len(rates) < 2 {
		return nil
	}
	first := rates[0]
	span := lastSecond(rates) - first.Second
	if span < 1 {
		return nil
	}
	bars := make([]float64, min(chartBars, span))
	seconds := make([]float64, len(bars)) // in each: a bar may have one more than its neighbour
	for i := 1; i < len(rates); i++ {
		from, to := rates[i-1], rates[i]
		if to.Second <= from.Second {
			continue
		}
		speed := float64(max(0, to.Done-from.Done)) / float64(to.Second-from.Second)
		for second := from.Second; second < to.Second; second++ {
			at := (second - first.Second) * len(bars) / span
			bars[at] += speed
			seconds[at]++
		}
	}
	for i := range bars {
		bars[i] /= max(1, seconds[i])
	}
	return bars
}

// worked are the rates on a clock that stands still while the import was interrupted: a night would leave one bar of a run of minutes.
func (p Page) worked() []journal.Rate {
	rates := append([]journal.Rate(nil), p.Rates...)
	paused := 0
	for i := 1; i < len(rates); i++ {
		if gap := p.Rates[i].Second - p.Rates[i-1].Second; gap > chartPause {
			paused += gap - 1
		}
		rates[i].Second -= paused
	}
	return rates
}

func lastSecond(rates []journal.Rate) int { return rates[len(rates)-1].Second }
