// Step 2: the code as it is pasted, and the countdown to the next sending.

// « 238 392 » is pasted as six digits, so that each stands in its cell. Nothing else that is typed is touched.
document.getElementById('code')?.addEventListener('input', (event) => {
  if (event.inputType === 'insertFromPaste' || event.inputType === 'insertFromDrop') event.target.value = event.target.value.replace(/[\s.\p{Z}\p{Pd}\p{Cf}\p{Variation_Selector}\u2212]/gu, '');
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
