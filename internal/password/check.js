// The password policy in the browser: the same verdict as Policy.Check in
// check.go, from the same data. A test runs both on one table. The server
// judges again, so nothing rests on this script.

/**
 * @param {{minLength: number, required: number, maxBytes: number,
 *          classes: {name: string, pattern: string}[]}} policy
 * @param {string} password as typed, nothing trimmed
 */
export function check(policy, password) {
  const tooLong = new TextEncoder().encode(password).length > policy.maxBytes;
  const text = tooLong ? '' : password.normalize('NFC');
  const characters = Array.from(text).length;
  const classes = policy.classes.map(({ name, pattern }) => ({
    name,
    state: new RegExp(pattern, 'u').test(text) ? 'met' : 'missing',
  }));
  const present = classes.filter((c) => c.state === 'met').length;
  const length = characters >= policy.minLength ? 'met' : 'missing';
  const variety = present >= policy.required ? 'met' : 'missing';
  if (variety === 'met') {
    for (const c of classes) {
      if (c.state === 'missing') c.state = 'optional';
    }
  }
  const ok = length === 'met' && variety === 'met';
  return { ok, characters, length, variety, classes, tooLong, malformed: false };
}
