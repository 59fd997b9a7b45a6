// « Je ne suis pas un robot »: ticking the box has ALTCHA find a number, in a worker. The library is fetched at that
// moment and not before: most pages are read by people who have nothing to prove yet.
import { onlyCode, openCode } from './security-code.js';

const library = new URL('../vendor/altcha/altcha.min.js', import.meta.url);
const worker = new URL('../vendor/altcha/workers/sha.js', import.meta.url);

const lifetime = 570_000; // milliseconds: the challenge lives ten minutes, the form has to arrive too

const prove = async (url) => {
  await import(library);
  $altcha.algorithms.set('SHA-256', () => new Worker(worker));
  const widget = document.createElement('altcha-widget');
  for (const [name, value] of [['display', 'invisible'], ['challenge', url], ['name', 'altcha-widget']]) widget.setAttribute(name, value);
  document.body.append(widget);
  await customElements.whenDefined('altcha-widget');
  try {
    const result = await widget.verify();
    if (!result?.payload) throw new Error('no solution');
    return result.payload;
  } finally {
    widget.remove();
  }
};

for (const part of document.querySelectorAll('[data-efp-proof]')) {
  if (!window.isSecureContext || !window.Worker) {
    onlyCode();
    continue;
  }
  const box = part.querySelector('input[type=checkbox]');
  const field = part.querySelector('input[name=altcha]');
  const status = part.querySelector('[role=status]');
  const progress = part.querySelector('progress');
  part.hidden = false;
  field.disabled = false; // the form says that the box was shown
  let running;
  let expiry;

  const forget = (text) => {
    clearTimeout(expiry);
    box.checked = false;
    field.value = '';
    running = undefined;
    status.textContent = text;
  };
  forget('');
  // A page that « Précédent » brings back whole brings a proof that was sent: the box would look ticked and count for nothing.
  addEventListener('pageshow', (event) => { if (event.persisted) forget(''); });
  const solve = async () => {
    status.textContent = part.dataset.efpWorking;
    progress.hidden = false;
    try {
      field.value = await prove(part.dataset.efpProof);
      status.textContent = part.dataset.efpDone;
      expiry = setTimeout(() => forget(part.dataset.efpExpired), lifetime);
    } catch {
      forget(part.dataset.efpFailed);
      openCode();
    } finally {
      progress.hidden = true;
    }
  };
  box.addEventListener('change', () => {
    if (box.checked) running ??= solve();
  });
  // A form sent while the browser still works waits for it.
  field.form.addEventListener('submit', (event) => {
    if (!running || field.value !== '' || event.submitter?.formNoValidate) return;
    event.preventDefault();
    running.then(() => { if (field.value !== '') field.form.requestSubmit(event.submitter); });
  });
}
