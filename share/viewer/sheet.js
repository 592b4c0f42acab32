// A shared document as a sheet of paper, for the viewer of links and for a file
// that opens with a code. The words of its writer stay as they are: only tables,
// lists and text of a narrative are made anew, without attributes.

const WORDS = {
  nl: {
    about: 'Over', born: 'geboren', made: 'Gemaakt op', later: 'Wat daarna veranderde, staat er niet in.',
    by: 'Volgens', own: 'Zelf toegevoegd', mind: 'Let op',
  },
  en: {
    about: 'About', born: 'born', made: 'Made on', later: 'What changed after that is not in it.',
    by: 'According to', own: 'Added by the person', mind: 'Mind',
  },
};

export function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children.filter(Boolean));
  return e;
}

// day writes a date of FHIR as precisely as it is known.
export function day(value, lang) {
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(value || '');
  if (!parts) return String(value || '');
  const style = { year: 'numeric', timeZone: 'UTC' };
  if (parts[2]) style.month = 'long';
  if (parts[3]) style.day = 'numeric';
  return new Date(Date.UTC(+parts[1], (parts[2] || 1) - 1, +(parts[3] || 1))).toLocaleDateString(lang === 'nl' ? 'nl-NL' : 'en-GB', style);
}

// head says whose the document is, and of when.
export function head({ name, birthDate, title, date }, lang) {
  const words = WORDS[lang];
  const time = (value) => element('time', {}, day(value, lang));
  const who = [name && `${words.about} ${name}`, name && birthDate && ', ', birthDate && `${words.born} `, birthDate && time(birthDate)];
  const made = [title && `${title}. `, date && `${words.made} `, date && time(date), date && `. ${words.later}`];
  return [
    (name || birthDate) && element('p', { class: 'who' }, ...who),
    (title || date) && element('p', { class: 'soft' }, ...made),
  ].filter(Boolean);
}

const MADE = ['p', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'ul', 'ol', 'li', 'br', 'b', 'h3'];
const SAME = { h1: 'h3', h2: 'h3', h4: 'h3', h5: 'h3', h6: 'h3', strong: 'b', tfoot: 'tbody' };
const NEVER = ['script', 'style', 'template', 'noscript', 'title', 'head', 'iframe', 'object', 'svg', 'math'];

function copy(from, to) {
  for (const n of from.childNodes) {
    const name = SAME[n.localName] || n.localName;
    if (n.nodeType === Node.TEXT_NODE) to.append(n.textContent);
    else if (MADE.includes(name)) copy(n, to.appendChild(element(name, {})));
    else if (n.nodeType === Node.ELEMENT_NODE && !NEVER.includes(name)) copy(n, to);
  }
}

// narrative makes the text of a section anew; null when it says nothing.
export function narrative(div) {
  if (!div) return null;
  let read = new DOMParser().parseFromString(div, 'application/xml');
  if (read.querySelector('parsererror')) read = new DOMParser().parseFromString(div, 'text/html');
  const out = element('div', { class: 'told' });
  copy(read.documentElement, out);
  if (!out.textContent.trim()) return null;
  out.querySelectorAll('table').forEach(tell);
  return out;
}

// tell lays out a table of ours as lines, and marks in it what the person added and
// what to mind. A table of another maker stays a table.
function tell(table) {
  const heads = [...table.querySelectorAll('th')].map((th) => th.textContent);
  const words = Object.values(WORDS).find((w) => w.by === heads[3]);
  if (!words) return;
  table.className = 'lines';
  for (const row of table.querySelectorAll('tbody tr')) {
    const [, , , by, mind] = row.children;
    if (by.textContent === words.own) row.className = 'own';
    if (mind?.textContent) {
      mind.className = 'mind';
      mind.dataset.head = words.mind;
    }
  }
}
