// The DSFR's dark look hangs on an attribute, not on the system's preference: this sets one from the other, before the
// page is drawn. Without JavaScript the page stays light.
const dark = matchMedia('(prefers-color-scheme: dark)');
const chosen = document.documentElement.dataset.efpTheme; // in « Paramètres d’affichage »
const apply = () => document.documentElement.setAttribute('data-fr-theme', chosen ?? (dark.matches ? 'dark' : 'light'));
apply();
dark.addEventListener('change', apply);
// Paper is white: a dark page would print pale letters on it.
addEventListener('beforeprint', () => document.documentElement.setAttribute('data-fr-theme', 'light'));
addEventListener('afterprint', apply);
// Where the page's script does not come, what only browsers without script read is for this one too.
addEventListener('error', (event) => {
  if (!(event.target instanceof HTMLScriptElement)) return;
  for (const hidden of document.querySelectorAll('noscript')) hidden.outerHTML = hidden.textContent;
}, true);
