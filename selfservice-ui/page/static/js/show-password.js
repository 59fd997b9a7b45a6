// « Afficher »: shows what is typed in the password field beside it, and hides it again before the form leaves, so that
// password managers recognise the field.
for (const group of document.querySelectorAll('[data-efp-password]')) {
  const field = group.querySelector('input.fr-password__input');
  const toggle = group.querySelector('[data-efp-show]');
  const box = toggle.querySelector('input');
  toggle.hidden = false;
  box.checked = false;
  box.addEventListener('change', () => { field.type = box.checked ? 'text' : 'password'; });
  field.form.addEventListener('submit', () => { field.type = 'password'; box.checked = false; });
}
