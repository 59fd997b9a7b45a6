// Step 2: the code that may come with the mail's link, and the countdown to the next sending.
const field = document.getElementById('code');
if (field) {
  // A fragment never reaches a server: it fills the field, leaves the history, and submits nothing.
  const code = /^#(\d{6})$/.exec(location.hash);
  if (code) {
    field.value = code[1];
    history.replaceState(null, '', location.pathname);
  }
}

// « 238 392 » is pasted as six digits, so that each stands in its cell. Nothing else that is typed is touched.
field?.addEventListener('input', (event) => {
  if (event.inputType === 'insertFromPaste' || event.inputType === 'insertFromDrop') field.value = field.value.replace(/[\s-]/g, '');
});

const resend = document.querySelector('[data-efp-wait]');
const fixed = document.querySelector('[data-efp-wait-static]');
if (resend && fixed) {
  const end = Date.now() + 1000 * Number(resend.dataset.efpWait);
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    const { efpWaitText: some, efpWaitOne: one } = resend.dataset;
    fixed.textContent = left > 1 ? some.replace('{n}', left) : left === 1 ? one : '';
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}
