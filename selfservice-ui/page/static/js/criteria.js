// The list of criteria, live. The marks change silently while one types; a summary is announced once typing pauses,
// because a live region for each criterion reads far too much.
import { check } from './password-policy.js';

const pause = 2000; // milliseconds without typing before the summary is said

for (const list of document.querySelectorAll('[data-efp-policy]')) {
  const policy = JSON.parse(list.dataset.efpPolicy);
  const field = document.getElementById(list.dataset.efpField);
  const status = document.querySelector('[data-efp-status]'); // not in the list: that one describes the field, and would be read again
  const words = { missing: list.dataset.efpMissing, met: list.dataset.efpMet, optional: list.dataset.efpOptional };
  const item = (name) => list.querySelector(`[data-efp-criterion="${name}"]`);

  const show = (name, state) => {
    const own = item(name);
    own.querySelector('.efp-mark').className = `efp-mark efp-mark--${state}`;
    own.querySelector('[data-efp-state]').textContent = state === 'neutral' ? '' : `${words[state]} `;
  };

  // The criterion's own sentence: without the mark, the state and the nested list.
  const sentence = (name) => Array.from(item(name).childNodes)
    .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join('').replace(/[\s:\u00a0]+$/, '');

  let timer;
  field.addEventListener('input', () => {
    const report = check(policy, field.value);
    const states = [['length', report.length], ['variety', report.variety], ...report.classes.map((c) => [c.name, c.state])];
    for (const [name, state] of states) show(name, field.value === '' ? 'neutral' : state);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const left = states.filter(([, state]) => state === 'missing').map(([name]) => sentence(name));
      status.textContent = field.value === '' ? '' : report.ok ? list.dataset.efpAll : list.dataset.efpSome.replace('{list}', left.join(', '));
    }, pause);
  });
}
