(target) => {
  if (/^[#.[]/.test(target)) return [...document.querySelectorAll(target)].slice(0, 1)
  const clean = (text) => (text ?? '').replace(/[\s\u00a0\u202f]+/g, ' ').trim()
  // DSFR draws its own boxes over checkboxes of opacity 0: those count as shown.
  const shown = (element) => element.checkVisibility({ visibilityProperty: true })
  const name = (element) => {
    const own = element.getAttribute('aria-label')
    if (own) return clean(own)
    const by = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean)
    if (by.length) return clean(by.map((id) => document.getElementById(id)?.textContent).join(' '))
    if (element.labels?.length) return clean([...element.labels].map((label) => label.textContent).join(' '))
    if (element.matches('input')) return clean(element.value)
    return clean(element.innerText)
  }
  const wanted = clean(target)
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]')]
    .filter(shown)
  const exact = all.filter((element) => name(element) === wanted)
  // A label often goes on with a hint ("Format attendu : …"): its beginning is enough where nothing is named exactly so.
  return exact.length ? exact : all.filter((element) => name(element).startsWith(wanted))
}
