// What the pages gain with JavaScript. Every page works without it.
import './show-password.js';
import './criteria.js';
import './code.js';
import './proof.js';
import './security-code.js';

// A page that answers a form stays in the history as a page: neither Back nor a reload asks whether to send the form again, and its
// message is gone then. The address of a button alone is no page.
history.replaceState(history.state, '', location.pathname.replace(/\/renvoi$/, '') + location.search + location.hash);
import './submit.js';

// After a refused form the summary is what comes first, for eyes and screen readers alike; not for who asked for another picture.
if (!document.querySelector('#securite:target, [autofocus]')) document.querySelector('[data-efp-focus]')?.focus();
