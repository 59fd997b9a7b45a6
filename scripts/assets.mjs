// Copies out of node_modules the few files that the pages need, and axe-core for the tests.
//
//   node scripts/assets.mjs            after npm ci --ignore-scripts
//
// The State's design system (DSFR) weighs 136 MB unpacked; a page needs about 0.5 MB of it. Nothing copied here is
// committed: its terms (LICENSE.md, doc/legal/cgu.md) reserve it to the State's sites, so it comes from npm at build time
// with its integrity hash, and its licence files travel with it.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const vendor = join(root, 'selfservice-ui', 'page', 'static', 'vendor')

// DSFR's own order: core first, then components, the colour scheme last. A component that builds on another follows it
// (password on input and checkbox, header on logo, link and button).
const components = ['logo', 'link', 'button', 'form', 'input', 'checkbox', 'password', 'alert', 'callout', 'notice',
  'stepper', 'header', 'footer', 'skiplink']

// The faces that pages ask for. DSFR also declares Light, italics and Spectral, and .woff for browsers of before 2016:
// a rule that names a file which is not there would make a browser ask for it and get a 404.
const faces = ['Marianne-Regular.woff2', 'Marianne-Medium.woff2', 'Marianne-Bold.woff2']

main()

function main() {
  need('@gouvfr/dsfr', 'altcha', 'axe-core', '@zxcvbn-ts/language-fr')
  fill(join(vendor, 'dsfr'), dsfrFiles())
  fill(join(vendor, 'altcha'), altchaFiles())
  for (const [name, body] of frenchFiles()) write(join(root, 'internal', 'password', 'french', name), body)
  write(join(root, '.build', 'axe.min.js'), read('axe-core', 'axe.min.js'))
}

function need(...names) {
  const missing = names.filter((name) => !existsSync(join(modules, name, 'package.json')))
  if (missing.length) fail(`${missing.join(', ')} not installed; run: npm ci --ignore-scripts`)
}

/** One style sheet, and exactly the files that it names. */
function dsfrFiles() {
  const css = dsfrStyle()
  const files = new Map([
    ['dsfr.css', css],
    ['LICENSE.md', read('@gouvfr/dsfr', 'LICENSE.md')],
    ['cgu.md', read('@gouvfr/dsfr', 'doc/legal/cgu.md')],
    ['NOTICE.txt', notice()],
  ])
  for (const name of ['favicon.svg', 'favicon.ico', 'apple-touch-icon.png']) {
    files.set(`favicon/${name}`, read('@gouvfr/dsfr', `dist/favicon/${name}`))
  }
  for (const [, , url] of css.matchAll(/url\((["']?)(.*?)\1\)/g)) {
    if (!url.startsWith('data:')) files.set(url, read('@gouvfr/dsfr', `dist/${url}`))
  }
  return files
}

function dsfrStyle() {
  const parts = ['core/core.main.min.css', ...components.map((name) => `component/${name}/${name}.main.min.css`),
    'scheme/scheme.min.css']
  let header = ''
  const rules = parts.map((part) => {
    const text = read('@gouvfr/dsfr', `dist/${part}`).toString('utf8').replace(/^\uFEFF/, '').replace(/\/\*# .*?\*\//g, '')
    const licence = /^\/\*![\s\S]*?\*\//.exec(text)
    if (!licence) fail(`${part} does not begin with DSFR's licence header any more`)
    header ||= licence[0]
    return text.slice(licence[0].length).trim()
  }).join('\n')
  const shipped = rules.replace(/@font-face\{[^}]*\}/g, usefulFace)
  // The parts sat one or two folders deep; the whole sits at the top of the vendor folder.
  return `${header}\n${shipped.replace(/url\((["']?)(?:\.\.\/)+/g, 'url($1')}\n`
}

/** Keeps a face that we ship, with its woff2 source alone. */
function usefulFace(rule) {
  const face = faces.find((name) => rule.includes(`/${name})`))
  return face ? rule.replace(/src:[^;}]*/, `src:url(../fonts/${face}) format("woff2")`) : ''
}

function notice() {
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages['node_modules/@gouvfr/dsfr']
  return [
    'Système de Design de l’État (DSFR), Service d’Information du Gouvernement.',
    `npm @gouvfr/dsfr ${locked.version}`,
    `integrity ${locked.integrity}`,
    'Licence: LICENSE.md; terms of use: cgu.md. Reserved to the sites of the French State.',
    'dsfr.css puts together, in this order and without other change than the paths and the font faces left out:',
    `core, ${components.join(', ')}, scheme.`,
    '',
  ].join('\n')
}

/** The build without inlined worker and style: the page's Content-Security-Policy allows neither blob: nor inline CSS. */
function altchaFiles() {
  const files = new Map()
  for (const name of ['external/altcha.min.js', 'external/altcha.css', 'workers/sha.js', 'i18n/fr-fr.js']) {
    files.set(name.replace(/^external\//, ''), read('altcha', `dist/${name}`))
  }
  files.set('LICENSE.txt', read('altcha', 'LICENSE.txt'))
  return files
}

/** French words by frequency, and names, one a line, for guessable passwords; their notices travel with them. */
function frenchFiles() {
  const list = (name) => JSON.parse(read('@zxcvbn-ts/language-fr', `src/${name}.json`).toString('utf8'))
  const [spoken, written] = [list('commonWords'), list('wikipedia')]
  const words = new Set()
  for (let i = 0; i < Math.max(spoken.length, written.length); i++) {
    for (const word of [spoken[i], written[i]]) if (word) words.add(word)
  }
  const names = new Set([...list('firstnames'), ...list('lastnames')])
  const notices = ['LICENSE.txt', 'NOTICE.md', 'THIRD_PARTY_LICENSES.md'].map((name) => read('@zxcvbn-ts/language-fr', name).toString('utf8'))
  return new Map([
    ['words.txt', Buffer.from([...words].join('\n') + '\n')],
    ['names.txt', Buffer.from([...names].join('\n') + '\n')],
    ['NOTICE.txt', Buffer.from(notices.join('\n'))],
  ])
}

function read(name, path) {
  const file = join(modules, name, path)
  if (!existsSync(file)) fail(`${name} has no ${path} any more; see scripts/assets.mjs`)
  return readFileSync(file)
}

/** Makes the folder hold exactly these files. */
function fill(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    if (entry.isFile() && !files.has(relative(folder, path).replaceAll('\\', '/'))) rmSync(path)
  }
  let raw = 0
  let gzip = 0
  for (const [name, content] of files) {
    const body = Buffer.from(content)
    raw += body.length
    gzip += gzipSync(body, { level: 9 }).length
    write(join(folder, name), body)
  }
  console.log(`${relative(root, folder)}: ${files.size} files, ${raw} bytes (${gzip} gzip)`)
}

/** Leaves a file alone that is already right, so that Go need not build again what embeds it. */
function write(path, body) {
  if (existsSync(path) && readFileSync(path).equals(body)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, body)
}

function fail(message) {
  console.error(`assets: ${message}`)
  process.exit(1)
}
