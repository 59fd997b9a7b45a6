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

const resend = document.querySelector('[data-efp-wait]');
const fixed = document.querySelector('[data-efp-wait-static]');
if (resend && fixed) {
  const end = Date.now() + 1000 * Number(resend.dataset.efpWait);
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    fixed.textContent = left > 0 ? resend.dataset.efpWaitText.replace('{n}', left) : '';
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}
