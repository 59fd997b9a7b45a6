// The security code. Where « Je ne suis pas un robot » stands before it, it opens on demand, out of the noscript that browsers
// without script read; and it is renewed in its place, so that nothing typed is lost.
import { equip } from './sound.js';

const source = document.querySelector('noscript[data-efp-code]');
const part = document.querySelector('[data-efp-other]');

// What is closed is not sent: no error may name a picture that nobody sees.
const toggled = () => {
  if (part.open && !part.querySelector('#securite')) {
    part.insertAdjacentHTML('beforeend', source.textContent);
    part.querySelector('[data-efp-only]')?.remove(); // one way of two is not mandatory
    equip(part);
  }
  const code = part.querySelector('#securite');
  if (code) code.disabled = !part.open;
};

if (part && source) {
  part.hidden = false;
  part.open = part.dataset.efpOther === 'open';
  part.addEventListener('toggle', toggled);
  toggled();
}

// openCode shows the security code where the proof has failed.
export const openCode = () => { if (part) part.open = true; };

// onlyCode puts it where a browser without script has it: the proof cannot be done here.
export const onlyCode = () => {
  part?.remove();
  if (!source) return;
  const form = source.closest('form');
  source.outerHTML = source.textContent;
  equip(form);
};

const renew = async (event) => {
  const button = event.target.closest?.('button[name="nouveau-code"]');
  if (!button) return;
  event.preventDefault();
  const data = new FormData(button.form);
  data.set(button.name, button.value);
  for (const secret of button.form.querySelectorAll('.fr-password__input')) data.set(secret.name, '');
  try {
    const answer = await fetch(button.formAction, { method: 'POST', body: new URLSearchParams(data) });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#securite');
    if (!answer.ok || !fresh) throw new Error('no security code');
    if (part) fresh.querySelector('[data-efp-only]')?.remove();
    document.querySelector('#securite').replaceWith(fresh);
    equip(fresh);
    fresh.querySelector('input.fr-input').focus();
  } catch {
    button.form.requestSubmit(button);
  }
};
document.addEventListener('click', renew);
