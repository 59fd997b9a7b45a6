// What the pages gain with JavaScript. Every page works without it.
import './show-password.js';
import './criteria.js';
import './code.js';
import './proof.js';
import './sound.js';

// After a refused form the summary is what comes first, for eyes and screen readers alike; not for who asked for another picture.
if (!document.querySelector('#securite:target')) document.querySelector('[data-efp-focus]')?.focus();
