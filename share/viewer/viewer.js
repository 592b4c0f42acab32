// The page: asks what is needed, shows what was shared. Words of others become
// text nodes, never markup.

import { lang, words } from './words.js';
import { files, fromCode, parseLink, Problem } from './shl.js';
import { parse, sections } from './fhir.js';
import { element, head, narrative } from './sheet.js';

const byId = (id) => document.getElementById(id);

function say(answer, rest = '') {
  byId('answer').textContent = answer;
  byId('rest').textContent = rest;
}

const PROBLEMS = {
  gone: [words.gone, words.goneRest], bad: [words.bad, words.badRest], newer: [words.newer, ''], expired: [words.expired, words.goneRest],
  changed: [words.changed, words.changedRest], busy: [words.busy, words.busyRest], offline: [words.offline, words.offlineRest],
  badCode: [words.badCode, ''],
};

function explain(problem, link) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.message === 'wrong') return say(words.wrong(problem.remaining));
  if (problem.message === 'gone' && !link?.url) return say(words.goneCode, words.goneCodeRest);
  say(...PROBLEMS[problem.message]);
}

function field(name, title, hint, attributes) {
  const input = element('input', { id: name, name, required: '', autocomplete: 'off', spellcheck: 'false', ...attributes });
  return element('label', { for: name }, title, element('span', {}, hint), input);
}

// form shows the questions; done gets the answers.
function form(fields, done) {
  const f = byId('ask');
  const button = element('button', {}, words.go);
  f.replaceChildren(...fields, button);
  f.hidden = false;
  f.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    await done(Object.fromEntries(new FormData(f)));
    button.disabled = false;
  });
}

const who = () => field('who', words.who, words.whoHint, { maxlength: '100', autocomplete: 'name' });

async function show(link, recipient, passcode) {
  try {
    say(words.loading);
    const got = await files(link, recipient, passcode);
    byId('ask').hidden = true;
    render(got, link);
  } catch (problem) {
    explain(problem, link);
  }
}

function askLink(link) {
  say(words.open, words.rest);
  const fields = [who()];
  if (link.flag.includes('P')) fields.push(field('passcode', words.passcode, words.passcodeHint, { inputmode: 'numeric', maxlength: '64' }));
  form(fields, (answers) => show(link, answers.who, answers.passcode));
}

function askCode() {
  say(words.typeCode, words.typeCodeRest);
  form([
    field('code', words.code, words.codeHint, { autocapitalize: 'characters', maxlength: '20' }),
    field('born', words.born, words.bornHint, { type: 'date', min: '1900-01-01' }), who(),
  ], async (answers) => {
    say(words.wait);
    try {
      await show(await fromCode(answers.code, answers.born, new URL('..', document.baseURI)), answers.who);
    } catch (problem) {
      explain(problem);
    }
  });
}

function render(got, link) {
  const until = link.exp ? words.until(new Date(link.exp * 1000).toLocaleString(lang === 'nl' ? 'nl-NL' : 'en-GB', { dateStyle: 'long', timeStyle: 'short' })) : '';
  say(words.shared, [until, words.ask].filter(Boolean).join(' '));
  const content = byId('content');
  content.replaceChildren(...got.flatMap(fileParts));
  byId('name').focus();
}

function fileParts(file) {
  const out = [];
  let resource;
  try {
    resource = file.type === 'application/fhir+json' ? parse(file.text) : null;
  } catch {
    resource = null;
  }
  if (resource?.resourceType) {
    const s = sections(resource);
    out.push(...head(s, lang));
    out.push(...s.parts.flatMap(partNodes));
    if (!s.parts.length) out.push(element('p', {}, words.nothing));
  } else {
    out.push(element('p', {}, words.otherFile));
  }
  out.push(element('p', { class: 'save' }, save(file)));
  return out;
}

// partNodes shows a section as its writer told it: that is what a document says.
// Where nothing was told there are rows of what is in it.
function partNodes(part) {
  const rows = part.rows.map((r) => element('li', { class: r.own ? 'row own' : 'row' },
    element('h3', {}, r.title), ...r.lines.map((line) => element('p', {}, line)),
    r.from && element('p', { class: 'soft from' }, r.from)));
  return [
    element('h2', {}, part.title),
    narrative(part.text) || (rows.length ? element('ul', { class: 'rows' }, ...rows) : element('p', {}, part.empty)),
  ];
}

// save lets the recipient keep the file as it came, in their own system.
function save(file) {
  const button = element('button', { type: 'button' }, words.save);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([file.text], { type: file.type }));
    element('a', { href: url, download: 'bundel.json' }).click();
    URL.revokeObjectURL(url);
  });
  return button;
}

function start() {
  document.documentElement.lang = lang;
  try {
    const link = parseLink(decodeURIComponent(location.hash));
    if (link) askLink(link);
    else askCode();
  } catch (problem) {
    explain(problem);
  }
}

window.addEventListener('hashchange', () => location.reload());
start();
